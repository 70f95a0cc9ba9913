using System.Net;
using Akka.Configuration;
using DistTrain.Hosting;
using DistTrain.Tensors;

namespace DistTrain.Cluster;

/// <summary>What the health check of a container asks of the node beside it.</summary>
public static class NodeHealth
{
    /// <summary>Asks the HTTP API of the node that was started with the same settings.</summary>
    /// <param name="hocon">Settings as in cluster-config/.</param>
    /// <param name="cancellation">Gives up asking.</param>
    /// <returns>null when it is a member of the cluster that is up; else why that is not known.</returns>
    /// <exception cref="UserError">The settings are wrong, or leave the API's port open.</exception>
    public static async Task<string?> AskAsync(string hocon, CancellationToken cancellation = default)
    {
        (string host, int port) = Where(hocon);
        using var http = new HttpClient();
        try
        {
            using HttpResponseMessage answer = await http.GetAsync(new UriBuilder("http", host, port, "health").Uri, cancellation).ConfigureAwait(false);
            return answer.StatusCode == HttpStatusCode.OK ? null : (await answer.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false)).Trim();
        }
        catch (HttpRequestException e)
        {
            return e.Message;
        }
    }

    private static (string Host, int Port) Where(string hocon)
    {
        try
        {
            return NodeSettings.Of(ConfigurationFactory.ParseString(hocon)).Api switch
            {
                null => throw new UserError("disttrain.node.api.port: found -1; allowed with --health: the port of the node's HTTP API"),
                (_, 0) => throw new UserError("disttrain.node.api.port: found 0, any free one; allowed with --health: the port of the node's HTTP API"),
                ("0.0.0.0" or "::", var port) => ("localhost", port),
                var api => api.Value,
            };
        }
        catch (Exception cause) when (cause is FormatException or ArgumentException or ConfigurationException)
        {
            throw new UserError($"cluster settings: {cause.Message}");
        }
    }
}
