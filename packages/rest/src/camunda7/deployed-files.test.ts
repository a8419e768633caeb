/** Forms and diagrams that were deployed beside a model, and forms made of fields, on the real engine. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { GRAPH } from '../testing/camunda-models.test.ts';
import { Described } from '../testing/described.test.ts';
import { bpmn, type System, startSystem } from '../testing/real-kernel.test.ts';

const FIELDS = `<bpmn:extensionElements><camunda:formData>
  <camunda:formField id="amount" label="A &lt; B" type="long" defaultValue="3"><camunda:validation><camunda:constraint name="required" /><camunda:constraint name="max" config="10" /><camunda:constraint name="onfocus" config="alert(1)" /></camunda:validation></camunda:formField>
  <camunda:formField id="kind" type="enum" defaultValue="b"><camunda:value id="a" name="First" /><camunda:value id="b" name="Second" /></camunda:formField>
</camunda:formData></bpmn:extensionElements>`;
const WITH_FORMS = bpmn(
  'forms',
  `<bpmn:startEvent id="Start" camunda:formKey="embedded:deployment:start.html" />
   <bpmn:userTask id="Html" camunda:formKey="embedded:deployment:task.html" />
   <bpmn:userTask id="Form" camunda:formRef="asked" camunda:formRefBinding="latest" />
   <bpmn:userTask id="Fields">${FIELDS}</bpmn:userTask>
   <bpmn:userTask id="Elsewhere" camunda:formKey="app:somewhere.html" />
   <bpmn:userTask id="Missing" camunda:formKey="embedded:deployment:missing.html" />
   <bpmn:userTask id="None" />`,
  ['Html', 'Form', 'Fields', 'Elsewhere', 'Missing', 'None'].map((id) => `Start->${id}`),
);
const GENERATED = bpmn('generated', `<bpmn:startEvent id="Start">${FIELDS}</bpmn:startEvent>`, []);
const ASKED = JSON.stringify({ id: 'asked', type: 'default', components: [] });
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';

describe('files beside a model', () => {
  const described = new Described();
  let system: System;
  const tasks = new Map<string, string>();
  before(async () => {
    system = await startSystem();
    const files = {
      'forms.bpmn': WITH_FORMS,
      'generated.bpmn': GENERATED,
      'start.html': '<form>start</form>',
      'task.html': '<form>task</form>',
      'asked.form': ASKED,
      'forms.svg': SVG,
      'graph.dmn': GRAPH,
    };
    await system.deploy(files);
    await system.post('/engine-rest/process-definition/key/forms/start');
    const found = await system.get<{ id: string; taskDefinitionKey: string }[]>('/engine-rest/task');
    for (const { id, taskDefinitionKey } of found) tasks.set(taskDefinitionKey, id);
  });
  after(() => system.stop());

  async function get(path: string) {
    const answer = await system.app.inject({ method: 'GET', url: `/engine-rest${path}` });
    // What is given out is a file.
    if (answer.statusCode !== 200) described.check('GET', path, answer.statusCode, answer.body);
    return {
      status: answer.statusCode,
      type: answer.headers['content-type'],
      body: answer.body,
      headers: answer.headers,
    };
  }

  it('forms are given as they were deployed, and never run', async () => {
    const html = await get(`/task/${tasks.get('Html')}/deployed-form`);
    assert.deepEqual([html.status, html.type, html.body], [200, 'application/xhtml+xml', '<form>task</form>']);
    assert.match(String(html.headers['content-security-policy']), /sandbox/);
    const form = await get(`/task/${tasks.get('Form')}/deployed-form`);
    assert.deepEqual([form.status, form.type, form.body], [200, 'application/json', ASKED]);
    assert.equal((await get('/process-definition/key/forms/deployed-start-form')).body, '<form>start</form>');
    assert.equal((await get(`/task/${tasks.get('Elsewhere')}/deployed-form`)).status, 400);
    assert.equal((await get(`/task/${tasks.get('Missing')}/deployed-form`)).status, 404);
    assert.equal((await get(`/task/${tasks.get('None')}/deployed-form`)).status, 404);
    assert.equal((await get('/process-definition/key/generated/deployed-start-form')).status, 404);
  });

  it('fields come to a form that says what each may be', async () => {
    const rendered = await get(`/task/${tasks.get('Fields')}/rendered-form`);
    assert.equal(rendered.status, 200);
    assert.match(rendered.body, /<label for="amount">A &#60; B<\/label>/);
    assert.match(rendered.body, /cam-variable-type="Long" required="required" max="10" type="text" value="3"/);
    assert.match(rendered.body, /<option value="a">First<\/option><option value="b" selected="selected">Second/);
    assert.equal((await get('/process-definition/key/generated/rendered-form')).body, rendered.body);
    assert.equal((await get(`/task/${tasks.get('None')}/rendered-form`)).status, 400);
    assert.equal((await get('/process-definition/key/forms/rendered-form')).status, 400);
  });

  it('a diagram is there where a picture was deployed', async () => {
    const picture = await get('/process-definition/key/forms/diagram');
    assert.deepEqual([picture.status, picture.type, picture.body], [200, 'image/svg+xml', SVG]);
    assert.match(String(picture.headers['content-security-policy']), /sandbox/);
    assert.equal((await get('/process-definition/key/generated/diagram')).status, 204);
    assert.equal((await get('/decision-requirements-definition/key/graph/diagram')).status, 204);
    await system.deploy({ 'graph.dmn': GRAPH, 'graph.svg': SVG });
    const drawn = await get('/decision-requirements-definition/key/graph/diagram');
    assert.deepEqual([drawn.status, drawn.type, drawn.body], [200, 'image/svg+xml', SVG]);
    assert.equal((await get('/decision-requirements-definition/key/nothing/diagram')).status, 404);
  });
});
