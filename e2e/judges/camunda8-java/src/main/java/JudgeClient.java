import io.camunda.client.CamundaClient;
import io.camunda.client.api.command.ClientStatusException;
import io.camunda.client.api.command.DeployResourceCommandStep1;
import io.camunda.client.api.command.DeployResourceCommandStep1.DeployResourceCommandStep2;
import io.camunda.client.api.command.ProblemException;
import io.camunda.client.api.response.ActivatedJob;
import io.camunda.client.api.response.DeploymentEvent;
import io.camunda.client.api.response.EvaluateDecisionResponse;
import io.camunda.client.api.response.ProcessInstanceResult;
import io.camunda.client.api.response.Topology;
import io.camunda.client.api.worker.JobClient;
import io.camunda.client.api.worker.JobWorker;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Does with the published Java client of Camunda 8 what a program does, by gRPC and by REST, and says on standard output what it saw. */
public final class JudgeClient {
  private static String by = "";

  public static void main(String[] args) throws Exception {
    for (String protocol : List.of("grpc", "rest")) {
      by = protocol + " ";
      try (CamundaClient client =
          CamundaClient.newClientBuilder()
              .restAddress(URI.create(args[0]))
              .grpcAddress(URI.create(args[1]))
              .preferRestOverGrpc(protocol.equals("rest"))
              .defaultJobPollInterval(Duration.ofMillis(50))
              .build()) {
        topology(client);
        deploy(client, args[2]);
        instances(client);
        jobs(client);
        worker(client, "polled");
        if (protocol.equals("grpc")) worker(client, "streamed");
        events(client);
        incident(client);
        changes(client);
        decision(client);
      } catch (Throwable error) {
        error.printStackTrace();
        System.out.println("ERROR " + by + error);
      }
    }
    System.out.println("done");
    System.exit(0);
  }

  private static void topology(CamundaClient client) {
    Topology topology = client.newTopologyRequest().send().join();
    say("topology " + topology.getClusterSize() + " " + topology.getGatewayVersion() + " "
        + topology.getBrokers().get(0).getPartitions().get(0).getHealth());
  }

  /** The same files twice, by either protocol: the second time nothing is new. */
  private static void deploy(CamundaClient client, String folder) throws Exception {
    DeployResourceCommandStep2 command = null;
    for (String name : List.of("order.bpmn", "catch.bpmn", "stuck.bpmn", "polled.bpmn", "streamed.bpmn", "menu.dmn", "ask.form")) {
      byte[] content = Files.readAllBytes(Path.of(folder, name));
      DeployResourceCommandStep1 next = command == null ? client.newDeployResourceCommand() : command;
      command = next.addResourceBytes(content, name);
    }
    DeploymentEvent event = command.send().join();
    say("deployed " + event.getProcesses().stream().map(one -> one.getBpmnProcessId() + ":" + one.getVersion()).toList()
        + " " + event.getDecisions().stream().map(one -> one.getDmnDecisionId()).toList()
        + " " + event.getDecisionRequirements().get(0).getDmnDecisionRequirementsName()
        + " " + event.getForm().get(0).getFormId() + " " + event.getTenantId());
    refused("deploy", () -> client.newDeployResourceCommand().addResourceStringUtf8("<x/>", "broken.bpmn").send().join());
  }

  private static void instances(CamundaClient client) {
    ProcessInstanceResult result =
        client.newCreateInstanceCommand().bpmnProcessId("stuck").latestVersion()
            .variables(Map.of("missing", 2, "text", "Grüße"))
            .withResult().fetchVariables("text").send().join();
    say("result " + result.getVariables());
    refused("create", () -> client.newCreateInstanceCommand().bpmnProcessId("nobody").latestVersion().send().join());
    refused("await", () -> client.newCreateInstanceCommand().bpmnProcessId("catch").latestVersion()
        .variables(Map.of("order", "never")).withResult().requestTimeout(Duration.ofMillis(300)).send().join());
    long key = start(client, "order", Map.of("n", 9));
    client.newCancelInstanceCommand(key).send().join();
    refused("cancel", () -> client.newCancelInstanceCommand(key).send().join());
  }

  private static void jobs(CamundaClient client) {
    long key = start(client, "order", Map.of("n", 1, "list", List.of(1, "two")));
    ActivatedJob job = activate(client, "pay");
    say("job " + job.getType() + " " + job.getElementId() + " " + job.getBpmnProcessId() + ":"
        + job.getProcessDefinitionVersion() + " " + job.getCustomHeaders() + " " + job.getRetries() + " "
        + new TreeMap<>(job.getVariablesAsMap()) + " " + job.getKind() + " " + job.getTenantId() + " "
        + (job.getProcessInstanceKey() == key) + " " + (job.getDeadline() > System.currentTimeMillis()));
    client.newUpdateTimeoutCommand(job).timeout(Duration.ofMinutes(2)).send().join();
    client.newFailCommand(job).retries(1).errorMessage("once more").variables(Map.of("why", "test")).send().join();
    ActivatedJob again = activate(client, "pay");
    say("again " + again.getRetries() + " " + again.getVariable("why"));
    client.newThrowErrorCommand(again).errorCode("CARD").errorMessage("declined").send().join();
    refused("complete", () -> client.newCompleteCommand(again).send().join());
  }

  /** Two are there when it comes, two come later; one fails by an exception first. */
  private static void worker(CamundaClient client, String type) throws Exception {
    CountDownLatch done = new CountDownLatch(4);
    start(client, type, Map.of("n", 1));
    start(client, type, Map.of("n", 2));
    JobWorker worker =
        client.newWorker().jobType(type)
            .handler((JobClient jobs, ActivatedJob job) -> {
              if (job.getVariable("n").equals(3) && job.getRetries() == 3) throw new IllegalStateException("fell");
              jobs.newCompleteCommand(job).variables(Map.of("paid", true)).send().join();
              done.countDown();
            })
            .name("java").timeout(Duration.ofSeconds(60)).maxJobsActive(8).streamEnabled(type.equals("streamed"))
            .open();
    start(client, type, Map.of("n", 3));
    start(client, type, Map.of("n", 4));
    say(type + " " + done.await(30, TimeUnit.SECONDS));
    worker.close();
  }

  private static void events(CamundaClient client) {
    long key = start(client, "catch", Map.of("order", by + "1"));
    client.newPublishMessageCommand().messageName("paid").correlationKey(by + "1").messageId(by + "m")
        .timeToLive(Duration.ofMinutes(1)).variables(Map.of("sum", 5)).send().join();
    refused("publish", () -> client.newPublishMessageCommand().messageName("paid").correlationKey(by + "1").messageId(by + "m")
        .timeToLive(Duration.ofMinutes(1)).send().join());
    client.newBroadcastSignalCommand().signalName("stop").send().join();
    say("caught " + client.newProcessInstanceGetRequest(key).send().join().getState());
  }

  private static void incident(CamundaClient client) {
    long key = start(client, "stuck", Map.of());
    long incident =
        client.newIncidentSearchRequest().filter(filter -> filter.processInstanceKey(key)).send().join()
            .items().get(0).getIncidentKey();
    client.newSetVariablesCommand(key).variables(Map.of("missing", 3)).send().join();
    client.newResolveIncidentCommand(incident).send().join();
    say("resolved " + client.newProcessInstanceGetRequest(key).send().join().getState());
    start(client, "order", Map.of("n", 1));
    ActivatedJob job = activate(client, "pay");
    client.newFailCommand(job).retries(0).errorMessage("no").send().join();
    client.newUpdateRetriesCommand(job).retries(2).send().join();
    client.newCompleteCommand(activate(client, "pay").getKey()).send().join();
  }

  private static void changes(CamundaClient client) {
    long key = start(client, "catch", Map.of("order", "o"));
    client.newModifyProcessInstanceCommand(key).terminateElements("m").and().activateElement("g")
        .withVariables(Map.of("moved", true)).send().join();
    say("modified " + client.newElementInstanceSearchRequest()
        .filter(filter -> filter.processInstanceKey(key).state(io.camunda.client.api.search.enums.ElementInstanceState.ACTIVE))
        .send().join().items().stream().map(one -> one.getElementId()).sorted().toList());
    client.newBroadcastSignalCommand().signalName("stop").send().join();
  }

  private static void decision(CamundaClient client) {
    EvaluateDecisionResponse found =
        client.newEvaluateDecisionCommand().decisionId("dish").variables(Map.of("season", "summer")).send().join();
    say("decided " + found.getDecisionOutput() + " " + found.getEvaluatedDecisions().get(0).getMatchedRules().get(0).getRuleId()
        + " " + (found.getFailedDecisionId() == null || found.getFailedDecisionId().isEmpty()));
  }

  private static long start(CamundaClient client, String id, Map<String, Object> variables) {
    return client.newCreateInstanceCommand().bpmnProcessId(id).latestVersion().variables(variables).send().join()
        .getProcessInstanceKey();
  }

  private static ActivatedJob activate(CamundaClient client, String type) {
    return client.newActivateJobsCommand().jobType(type).maxJobsToActivate(1).workerName("java")
        .timeout(Duration.ofMinutes(1)).requestTimeout(Duration.ofSeconds(10)).send().join()
        .getJobs().stream().max(Comparator.comparing(ActivatedJob::getKey)).orElseThrow();
  }

  private static void refused(String what, Callable<Object> call) {
    try {
      say("ERROR " + what + " was accepted: " + call.call());
    } catch (ClientStatusException error) {
      say("refused " + what + " " + error.getStatusCode());
    } catch (ProblemException error) {
      say("refused " + what + " " + error.code() + " " + error.details().getTitle());
    } catch (Exception error) {
      System.out.println("ERROR " + by + what + " " + error);
    }
  }

  private static void say(String line) {
    System.out.println(by + line);
  }
}
