// FHIR_BASE=http://localhost:8080/fhir OWNER=Organization/yongan-county-hospital API_KEY=... java Poll.java
import java.net.*; import java.net.http.*; import java.util.*; import java.util.regex.*;
class Poll { public static void main(String[] none) throws Exception {
  var env = new HashMap<>(System.getenv()); var http = HttpClient.newHttpClient();
  String since = env.getOrDefault("SINCE", "2026-01-01T00:00:00Z"), tag = "\"\"";
  var task = Pattern.compile("\"resource\":\\{\"resourceType\":\"Task\",\"id\":\"(.+?)\".+?\"lastUpdated\":\"(.+?)\".+?\"status\":\"(.+?)\"");
  var next = Pattern.compile("\"relation\":\"next\",\"url\":\"(.+?)\""); // any library for JSON reads it as well
  while (true) {
    String url = env.get("FHIR_BASE") + "/Task?owner=" + env.get("OWNER") + "&_lastUpdated=gt" + since + "&_sort=_lastUpdated&_count=100";
    while (url != null) try {
      var asked = HttpRequest.newBuilder(URI.create(url)).header("X-Api-Key", env.getOrDefault("API_KEY", "")).header("If-None-Match", tag);
      var answer = http.send(asked.build(), HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) break; // 304: nothing new. Anything else passes: it is asked again.
      tag = answer.headers().firstValue("ETag").orElse("\"\""); var found = task.matcher(answer.body());
      while (found.find()) { System.out.println("Task/" + found.group(1) + " " + found.group(3)); since = found.group(2); tag = "\"\""; }
      var more = next.matcher(answer.body()); url = more.find() ? more.group(1) : null;
    } catch (java.io.IOException passes) { break; }
    Thread.sleep((long) (1000 * Double.parseDouble(env.getOrDefault("INTERVAL", "60")))); } } }
