// Packs parcels, with Camunda 8's published SDK. Usage: node pack.js
import { Camunda8 } from '@camunda8/sdk';

const procos = process.env.PROCOS_URL ?? 'http://127.0.0.1:8080';
const camunda = new Camunda8({
  ZEEBE_REST_ADDRESS: procos,
  CAMUNDA_AUTH_STRATEGY: 'NONE',
  CAMUNDA_OAUTH_DISABLED: true,
}).getCamundaRestClient();

camunda.createJobWorker({
  type: 'pack_parcel',
  worker: 'pack',
  maxJobsToActivate: 5,
  timeout: 60_000,
  jobHandler: (job) => {
    console.log(`packed ${job.variables.bill.article} for process instance ${job.processInstanceKey}`);
    return job.complete({ parcel: `job ${job.jobKey}` });
  },
});
console.log('pack_parcel: waiting for work');
