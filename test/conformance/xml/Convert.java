import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.hl7.fhir.r4.formats.IParser.OutputStyle;
import org.hl7.fhir.r4.formats.JsonParser;
import org.hl7.fhir.r4.formats.XmlParser;
import org.hl7.fhir.r4.model.Resource;

/**
 * HL7's reference implementation as a second opinion: `Convert JSON OURS THEIRS` writes the resources of the folder JSON
 * to the folder THEIRS in XML, and prints a line for each whose XML in the folder OURS it reads as another resource.
 */
public final class Convert {
    public static void main(String[] folders) throws IOException {
        List<Path> files;
        try (Stream<Path> list = Files.list(Path.of(folders[0]))) {
            files = list.filter(file -> file.toString().endsWith(".json")).sorted().toList();
        }
        for (Path file : files) {
            String name = file.getFileName().toString().replace(".json", ".xml");
            try {
                Resource resource = new JsonParser().parse(Files.readAllBytes(file));
                Resource ours = new XmlParser().parse(Files.readAllBytes(Path.of(folders[1], name)));
                if (!resource.equalsDeep(ours)) {
                    System.out.println(name + ": read as another resource");
                }
                ByteArrayOutputStream theirs = new ByteArrayOutputStream();
                new XmlParser().setOutputStyle(OutputStyle.NORMAL).compose(theirs, resource);
                Files.write(Path.of(folders[2], name), theirs.toByteArray());
            } catch (Exception e) {
                System.out.println(name + ": " + e);
            }
        }
    }
}
