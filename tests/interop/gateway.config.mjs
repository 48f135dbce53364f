// Hive Gateway in front of the subgraphs: the caller's token goes with each request, subscriptions over graphql-transport-ws.
import { defineConfig } from '@graphql-hive/gateway';

export const gatewayConfig = defineConfig({
  host: '127.0.0.1',
  port: Number(process.env.INTEROP_PORT),
  supergraph: process.env.INTEROP_SUPERGRAPH,
  pollingInterval: 0,
  propagateHeaders: {
    fromClientToSubgraphs: ({ request }) => {
      const authorization = request.headers.get('authorization');
      return authorization ? { authorization } : {};
    },
  },
  transportEntries: {
    '*.http': {
      options: {
        subscriptions: {
          kind: 'ws',
          location: '/graphql',
          options: { connectionParams: { Authorization: '{context.headers.authorization}' } },
        },
      },
    },
  },
});
