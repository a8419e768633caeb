import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.camunda.bpm.client.ExternalTaskClient;
import org.camunda.bpm.client.exception.RestException;
import org.camunda.bpm.client.task.ExternalTask;
import org.camunda.bpm.client.task.ExternalTaskHandler;
import org.camunda.bpm.client.task.ExternalTaskService;
import org.camunda.bpm.client.variable.ClientValues;
import org.camunda.bpm.engine.variable.VariableMap;
import org.camunda.bpm.engine.variable.Variables;
import org.camunda.bpm.engine.variable.value.FileValue;
import org.camunda.bpm.engine.variable.value.TypedValue;

/** Works with the published Java client on the topics of ../../../camunda7-java.test.ts and says on standard output what it saw. */
public final class JudgeWorker {
  private static final Date WHEN = Date.from(java.time.Instant.parse("2026-01-15T10:30:00Z"));

  public static void main(String[] args) {
    ExternalTaskClient client =
        ExternalTaskClient.create()
            .baseUrl(args[0])
            .workerId("java")
            .maxTasks(5)
            .usePriority(true)
            .orderByCreateTime()
            .asc()
            .asyncResponseTimeout(10_000)
            .lockDuration(60_000)
            .disableBackoffStrategy()
            .build();
    open(client, "values", JudgeWorker::values);
    open(client, "back", JudgeWorker::back);
    open(client, "outcomes", JudgeWorker::outcomes);
    open(client, "locks", JudgeWorker::locks);
    client
        .subscribe("filtered")
        .processDefinitionKey("filtered")
        .processDefinitionVersionTag("gold")
        .processVariableEquals("place", "Ulm")
        .tenantIdIn("north")
        .variables("own")
        .includeExtensionProperties(true)
        .handler(told(JudgeWorker::filtered))
        .open();
    say("ready");
  }

  /** What was given with the start, name by name; then every kind of value that the client can make. */
  private static void values(ExternalTask task, ExternalTaskService service) throws Exception {
    VariableMap given = task.getAllVariablesTyped();
    for (String name : new TreeSet<>(given.keySet())) {
      TypedValue typed = given.getValueTyped(name);
      say("given " + name + " " + typed.getType().getName() + " " + shown(typed.getValue()));
    }
    VariableMap results =
        Variables.createVariables()
            .putValueTyped("short", Variables.shortValue((short) -7))
            .putValueTyped("integer", Variables.integerValue(Integer.MIN_VALUE))
            .putValueTyped("long", Variables.longValue(9_007_199_254_740_991L))
            .putValueTyped("double", Variables.doubleValue(0.1))
            .putValueTyped("boolean", Variables.booleanValue(true))
            .putValueTyped("string", Variables.stringValue("Grüße"))
            .putValueTyped("date", Variables.dateValue(WHEN))
            .putValueTyped("bytes", Variables.byteArrayValue(new byte[] {0, -1, 1}))
            .putValueTyped("nothing", Variables.untypedNullValue())
            .putValueTyped("noText", Variables.stringValue(null))
            .putValueTyped("json", ClientValues.jsonValue("{\"a\":[1]}"))
            .putValueTyped("xml", ClientValues.xmlValue("<a/>"))
            .putValueTyped(
                "list",
                Variables.objectValue(new ArrayList<>(List.of("one", "two")))
                    .serializationDataFormat("application/json")
                    .create())
            .putValueTyped(
                "file",
                Variables.fileValue("bill.txt")
                    .file("5 €".getBytes(StandardCharsets.UTF_8))
                    .mimeType("text/plain")
                    .encoding("UTF-8")
                    .create())
            .putValueTyped("urgent", Variables.booleanValue(true, true));
    service.setVariables(task, Map.of("early", 1));
    service.complete(task, results, Map.of("own", "local"));
  }

  /** The same values, as the client reads them back. */
  private static void back(ExternalTask task, ExternalTaskService service) throws Exception {
    FileValue file = task.getVariableTyped("file");
    say("file " + file.getFilename() + " " + file.getMimeType() + " " + file.getEncoding() + " " + text(file.getValue()));
    say("bytes " + shown(task.getVariable("bytes")));
    say("date " + WHEN.equals(task.getVariable("date")));
    say("list " + List.of("one", "two").equals(task.getVariable("list")));
    say("names " + new TreeSet<>(task.getAllVariablesTyped(false).keySet()));
    service.complete(task);
  }

  private static void outcomes(ExternalTask task, ExternalTaskService service) {
    if (task.getRetries() == null) {
      service.handleFailure(
          task.getId(), "no", "why", 2, 0, Map.of("attempt", 1), Map.of("own", true));
    } else {
      say("again " + task.getRetries() + " " + task.getErrorMessage() + " " + task.getErrorDetails() + " " + task.getVariable("attempt"));
      service.handleBpmnError(task, "CARD", "declined", Map.of("limit", 1000));
    }
  }

  private static void locks(ExternalTask task, ExternalTaskService service) {
    if (task.getVariable("unlocked") == null) {
      service.setVariables(task.getProcessInstanceId(), Map.of("unlocked", true));
      service.unlock(task);
      return;
    }
    service.extendLock(task, 120_000);
    service.lock(task, 90_000);
    refused("extendLock", () -> service.extendLock("999999999", 1_000));
    refused("complete", () -> service.complete("999999999", null, null));
    refused("setVariables", () -> service.setVariables("999999999", Map.of("a", 1)));
    refused("handleBpmnError", () -> service.handleBpmnError(task, ""));
    refused("lock", () -> service.lock(task.getId(), 0));
    service.complete(task);
  }

  private static void filtered(ExternalTask task, ExternalTaskService service) {
    say(
        String.join(
            " ",
            "filtered",
            task.getBusinessKey(),
            task.getTenantId(),
            task.getProcessDefinitionVersionTag(),
            task.getExtensionProperty("unit"),
            String.valueOf(task.getPriority()),
            task.getAllVariables().toString(),
            String.valueOf(task.getCreateTime().before(task.getLockExpirationTime()))));
    service.complete(task);
  }

  private static void open(ExternalTaskClient client, String topic, Handler handler) {
    client.subscribe(topic).handler(told(handler)).open();
  }

  private interface Handler {
    void handle(ExternalTask task, ExternalTaskService service) throws Exception;
  }

  private static ExternalTaskHandler told(Handler handler) {
    return (task, service) -> {
      try {
        handler.handle(task, service);
      } catch (Exception error) {
        say("ERROR in " + task.getTopicName() + ": " + error + ", caused by " + error.getCause());
      }
    };
  }

  private static void refused(String what, Runnable attempt) {
    try {
      attempt.run();
      say("ERROR: " + what + " was accepted");
    } catch (RestException error) {
      say("refused " + what + " " + error.getClass().getSimpleName() + " " + error.getHttpStatusCode() + " " + error.getType() + " " + error.getCode());
    }
  }

  private static String shown(Object value) throws Exception {
    if (value instanceof byte[] bytes) return Base64.getEncoder().encodeToString(bytes);
    if (value instanceof InputStream stream) return text(stream);
    if (value instanceof Date date) return date.toInstant().toString();
    return String.valueOf(value);
  }

  private static String text(InputStream stream) throws Exception {
    return new String((stream == null ? new ByteArrayInputStream(new byte[0]) : stream).readAllBytes(), StandardCharsets.UTF_8);
  }

  private static synchronized void say(String line) {
    System.out.println(line.replace("\n", " "));
    System.out.flush();
  }
}
