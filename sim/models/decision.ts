/** The one decision that generated business rule tasks evaluate. */

export const DECISION = {
  name: 'random.dmn',
  xml: `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="random" name="Random" namespace="http://procos.dev/random">
  <decision id="rate" name="Rate">
    <decisionTable id="rateTable" hitPolicy="FIRST">
      <input id="amountInput" label="Amount"><inputExpression id="amountExpression" typeRef="number"><text>amount</text></inputExpression></input>
      <output id="rateOutput" name="rate" typeRef="number" />
      <rule id="much"><inputEntry id="muchIn"><text>&gt; 10</text></inputEntry><outputEntry id="muchOut"><text>2</text></outputEntry></rule>
      <rule id="any"><inputEntry id="anyIn"><text>-</text></inputEntry><outputEntry id="anyOut"><text>1</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>
`,
} as const;
