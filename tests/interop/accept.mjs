// Prints one JSON line per supergraph named in the arguments: whether Hive's runtime can build a schema of it.
import { readFileSync } from 'node:fs';
import { getStitchedSchemaFromSupergraphSdl } from '@graphql-tools/federation';

for (const path of process.argv.slice(2)) {
  let error = null;
  try {
    const schema = getStitchedSchemaFromSupergraphSdl({ supergraphSdl: readFileSync(path, 'utf8') });
    if (!schema.getQueryType()) error = 'no query type';
  } catch (caught) {
    error = String(caught?.message ?? caught);
  }
  console.log(JSON.stringify({ path, error }));
}
