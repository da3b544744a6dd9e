import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.client.api.IGenericClient;
import ca.uhn.fhir.rest.client.interceptor.AdditionalRequestHeadersInterceptor;
import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.DateTimeType;
import org.hl7.fhir.r4.model.CodeType;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Period;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.ServiceRequest;
import org.hl7.fhir.r4.model.StringType;
import org.hl7.fhir.r4.model.Subscription;
import org.hl7.fhir.r4.model.Task;

/**
 * A referral from its refusal to the return of the patient, with HAPI's generic client. Usage: HapiSession BASE PAPERS;
 * prints what it saw (Session of papers.ts) as JSON.
 */
class HapiSession {
    static final String TOWNSHIP = "Organization/qingshi-health-centre";
    static final String HOSPITAL = "Organization/yongan-county-hospital";
    static final String TOPIC = "https://w3id.org/zhuanzhen/SubscriptionTopic/referral-task";
    static final String BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";

    static final FhirContext FHIR = FhirContext.forR4();
    static final BlockingQueue<Bundle> NOTIFICATIONS = new LinkedBlockingQueue<>();

    public static void main(String[] arguments) throws Exception {
        FHIR.getRestfulClientFactory().setSocketTimeout(60_000);
        var base = arguments[0];
        var json = new ObjectMapper();
        var papers = json.readTree(new File(arguments[1]));
        var sender = clientOf(base, TOWNSHIP);
        var receiver = clientOf(base, HOSPITAL);

        // Submitted, refused, mended.
        var referral = FHIR.newJsonParser().parseResource(Bundle.class, papers.get("referral").toString());
        OperationOutcome.OperationOutcomeIssueComponent issue;
        try {
            sender.transaction().withBundle(referral).execute();
            throw new IllegalStateException("The referral was not refused");
        } catch (UnprocessableEntityException refused) {
            issue = ((OperationOutcome) refused.getOperationOutcome()).getIssueFirstRep();
        }
        for (var entry : referral.getEntry()) {
            if (entry.getResource() instanceof ServiceRequest request)
                request.setPriority(ServiceRequest.ServiceRequestPriority.URGENT);
            if (entry.getResource() instanceof Task task) task.setPriority(Task.TaskPriority.URGENT);
        }
        Map<String, String> ids = new HashMap<>();
        for (var entry : sender.transaction().withBundle(referral).execute().getEntry()) {
            var made = new Reference(entry.getResponse().getLocation()).getReferenceElement();
            ids.put(made.getResourceType(), made.getIdPart());
        }
        var task = ids.get("Task");
        var patient = ids.get("Patient");

        // Accepted.
        var acceptance = new Parameters();
        acceptance
            .addParameter()
            .setName("arrival-period")
            .setValue(new Period().setEndElement(new DateTimeType("2083-01-05T12:00:00+08:00")));
        step(receiver, task, "$accept", acceptance);

        // Subscribed, and told.
        var listener = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        listener.createContext("/told", exchange -> {
            var body = new String(exchange.getRequestBody().readAllBytes(), "UTF-8");
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
            NOTIFICATIONS.add(FHIR.newJsonParser().parseResource(Bundle.class, body));
        });
        listener.start();
        var endpoint = "http://127.0.0.1:" + listener.getAddress().getPort() + "/told";
        var subscription = sender.create().resource(subscriptionTo(endpoint)).execute().getId().toVersionless();
        var handshake = (Parameters) told().getEntryFirstRep().getResource();
        List<String> told = new ArrayList<>(List.of(handshake.getParameter("type").getValue().primitiveValue()));
        Set<String> versions = new HashSet<>();
        var arrival = new Parameters();
        arrival.addParameter().setName("encounter").setValue(new Reference().setDisplay("门诊就诊"));
        step(receiver, task, "$arrive", arrival);
        hear(task, "in-progress", told, versions);

        // Returned.
        var back = papers.get("return").toString().replace("{patient}", patient);
        step(receiver, task, "$return", FHIR.newJsonParser().parseResource(Parameters.class, back));
        hear(task, "completed", told, versions);
        var worklist = sender
            .search()
            .forResource(Task.class)
            .where(Task.OWNER.hasId(TOWNSHIP))
            .and(Task.PATIENT.hasId(patient))
            .and(Task.STATUS.exactly().code("requested"))
            .returnBundle(Bundle.class)
            .execute();
        sender.delete().resourceById(subscription).execute();
        listener.stop(0);

        var session = new HashMap<String, Object>();
        session.put("rule", issue.getDetails().getCodingFirstRep().getCode());
        session.put("refusal", issue.getDetails().getText());
        session.put("task", task);
        session.put("down", worklist.getEntryFirstRep().getResource().getIdElement().getIdPart());
        session.put("told", told);
        System.out.write(json.writeValueAsBytes(session));
        System.out.flush();
    }

    static IGenericClient clientOf(String base, String organization) {
        var client = FHIR.newRestfulGenericClient(base);
        var headers = new AdditionalRequestHeadersInterceptor();
        headers.addHeaderValue("X-Acting-Organization", organization);
        client.registerInterceptor(headers);
        return client;
    }

    static Task step(IGenericClient client, String task, String name, Parameters given) {
        return client
            .operation()
            .onInstance("Task/" + task)
            .named(name)
            .withParameters(given)
            .returnResourceType(Task.class)
            .execute();
    }

    static Subscription subscriptionTo(String endpoint) {
        var subscription = new Subscription()
            .setStatus(Subscription.SubscriptionStatus.REQUESTED)
            .setReason("本院转出的患者 / the patients that we have referred")
            .setCriteria(TOPIC);
        subscription
            .getCriteriaElement()
            .addExtension(BACKPORT + "backport-filter-criteria", new StringType("Task?requester=" + TOWNSHIP));
        var channel = subscription.getChannel();
        channel.setType(Subscription.SubscriptionChannelType.RESTHOOK).setEndpoint(endpoint);
        channel.setPayload("application/fhir+json");
        channel
            .getPayloadElement()
            .addExtension(BACKPORT + "backport-payload-content", new CodeType("full-resource"));
        return subscription;
    }

    static Bundle told() throws InterruptedException {
        var notification = NOTIFICATIONS.poll(240, TimeUnit.SECONDS);
        if (notification == null) throw new IllegalStateException("Nothing was told");
        return notification;
    }

    /** Waits until a status of the Task is told; what is told twice counts once. */
    static void hear(String id, String status, List<String> told, Set<String> versions) throws InterruptedException {
        while (!told.get(told.size() - 1).equals(status))
            for (var entry : told().getEntry())
                if (
                    entry.getResource() instanceof Task task &&
                    task.getIdElement().getIdPart().equals(id) &&
                    versions.add(task.getMeta().getVersionId())
                ) told.add(task.getStatus().toCode());
    }
}
