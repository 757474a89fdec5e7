import org.codelibs.opensearch.runner.OpenSearchRunner;

/** One node of OpenSearch on 127.0.0.1, until it is killed: FOLDER PORT. */
final class OpenSearchNode {
    public static void main(final String[] arguments) throws InterruptedException {
        final OpenSearchRunner runner = new OpenSearchRunner();
        // The port is the caller's.
        runner.setMaxHttpPort(-1);
        runner.onBuild((number, settings) -> settings //
                .put("network.host", "127.0.0.1") //
                .put("http.port", arguments[1]) //
                .put("transport.port", "0") //
                .put("discovery.type", "single-node") //
                // A machine whose disk is nearly full is none of the node's business.
                .put("cluster.routing.allocation.disk.threshold_enabled", false));
        runner.build(OpenSearchRunner.newConfigs().basePath(arguments[0]).numOfNode(1).clusterName("crosscell")
                .disableESLogger());
        Thread.currentThread().join();
    }
}
