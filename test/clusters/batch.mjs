// AWS Batch: the real client checks the job definition and the two submissions against its model of the service, and sends
// them to a stand-in. The children of the array then run here, with the variables that the service documents.
import { readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { run } from "../faults/command.mjs";
import { call, faultsOf, python, RECIPES, recipeEnv } from "./setting.mjs";

export async function batch(setting) {
  const programs = python("aws", ["awscli==1.46.3"]);
  const wrong = [];
  const asked = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const bytes of request) text += bytes;
    asked.push({ path: request.url, body: JSON.parse(text) });
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ jobId: `job-${asked.length}`, jobName: "nn-init", jobDefinitionName: "nn-init" }));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const out = join(setting.place, "batch");
  const definition = join(RECIPES, "aws-batch/job-definition.json");
  const env = {
    ...recipeEnv(setting, out, 8),
    ...{ AWS_ENDPOINT_URL: `http://127.0.0.1:${server.address().port}`, AWS_REGION: "eu-central-1", QUEUE: "cpu" },
    ...{ AWS_DEFAULT_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "nobody", AWS_SECRET_ACCESS_KEY: "nothing" },
    ...{ AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null" },
    PATH: `${programs}:${process.env.PATH}`,
  };
  try {
    for (const [program, args] of [
      ["aws", ["batch", "register-job-definition", "--cli-input-json", `file://${definition}`]],
      ["sh", [join(RECIPES, "aws-batch/submit.sh")]],
    ]) {
      const { code, stderr } = await call(program, args, { env });
      if (code !== 0) wrong.push(`${program}: ${code} ${stderr}`);
    }
  } finally {
    server.close();
  }
  const [, array, finish] = asked.map(({ body }) => body);
  if (asked.length === 3) wrong.push(...(await children(JSON.parse(readFileSync(definition)), array, finish, setting)));
  else wrong.push(`expected three requests, got ${asked.map(({ path }) => path)}`);
  wrong.push(...(await faultsOf(out, setting)));
  rmSync(out, { recursive: true, force: true });
  return {
    counts: { "requests, checked by the client": asked.length, children: 8 },
    wrong,
    absent: ["the service itself"],
  };
}

/** Runs the children of an array, and the job that depends on it. */
async function children(definition, array, finish, { model }) {
  const parameters = { ...definition.parameters, ...array.parameters, model };
  const args = definition.containerProperties.command.map((word) => parameters[/^Ref::(\w+)$/.exec(word)?.[1]] ?? word);
  const wrong = [];
  const size = array.arrayProperties.size;
  for (let index = 0; index < size; ++index) {
    const variables = { AWS_BATCH_JOB_ARRAY_INDEX: String(index), AWS_BATCH_JOB_ARRAY_SIZE: String(size) };
    const { code, stderr } = await run(args, { patience: 600_000, env: { ...process.env, ...variables } });
    if (code !== 0) wrong.push(`child ${index}: ${code} ${stderr}`);
  }
  if (finish.dependsOn?.[0]?.jobId !== "job-2")
    wrong.push(`the last job waits for ${JSON.stringify(finish.dependsOn)}`);
  const { code, stderr } = await run(finish.containerOverrides.command, { patience: 600_000 });
  if (code !== 0) wrong.push(`the last job: ${code} ${stderr}`);
  return wrong;
}
