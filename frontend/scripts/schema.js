// The server's schema, the types made from it and the names of values. Fails when one of them is stale; --write renews
// all three.
// Where there is no Python environment (a page can be built without one) only the types are compared.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const inTop = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const SCHEMA = inTop("frontend/openapi.json");
const TYPES = inTop("frontend/src/types/api.d.ts");
const NAMES = inTop("frontend/src/strings/names.json");
const python = process.env.PYTHON ?? inTop(".venv/bin/python");
const write = process.argv.includes("--write");

function said(script) {
  if (!existsSync(python)) return null;
  const options = { encoding: "utf8", maxBuffer: 64 * 1024 * 1024, cwd: inTop(".") };
  return execFileSync(python, [inTop(`scripts/${script}`)], options);
}

function compare(path, wanted) {
  if (existsSync(path) && readFileSync(path, "utf8") === wanted) return;
  if (write) {
    writeFileSync(path, wanted);
  } else {
    console.error(`${path} is stale: run \`npm run types\` in frontend/.`);
    process.exitCode = 1;
  }
}

const schema = said("openapi.py");
if (schema !== null) compare(SCHEMA, schema);
const names = said("names.py");
if (names !== null) compare(NAMES, names);
const options = { defaultNonNullable: false };
const types = astToString(await openapiTS(JSON.parse(readFileSync(SCHEMA, "utf8")), options));
compare(TYPES, `// Made by \`npm run types\` from openapi.json; never edited.\n\n${types}`);
