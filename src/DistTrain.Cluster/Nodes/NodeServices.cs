using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DistTrain.Cluster;

/// <summary>A node in a program of somebody's own.</summary>
public static class NodeServices
{
    /// <summary>Starts a node with the program and lets it leave with it; a node that the cluster removes or refuses ends the program.</summary>
    /// <param name="services">Gets a hosted service; its log goes where the program's goes.</param>
    /// <param name="settingsFile">As in cluster-config/; the environment is laid over it as for disttrain-node.</param>
    /// <param name="more">HOCON that is laid over both; null: nothing.</param>
    /// <returns>The same services.</returns>
    /// <remarks>Give the host a shutdown time beyond disttrain.node.leave-within: leaving takes that and some seconds.</remarks>
    /// <example><code>builder.Services.AddDistTrainNode("cluster-config/worker.conf");</code></example>
    public static IServiceCollection AddDistTrainNode(this IServiceCollection services, string settingsFile, string? more = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(settingsFile);
        return services.AddSingleton<IHostedService>(provider => new Service(
            settingsFile, more, provider.GetRequiredService<IHostApplicationLifetime>(), provider.GetRequiredService<ILoggerFactory>()));
    }

    private sealed class Service(string settingsFile, string? more, IHostApplicationLifetime lifetime, ILoggerFactory loggers) : IHostedService
    {
        private readonly ILogger log = loggers.CreateLogger<ClusterNode>();
        private ClusterNode? node;

        public async Task StartAsync(CancellationToken cancellationToken)
        {
            node = await ClusterNode.StartAsync(
                $"{NodeConfiguration.Read(settingsFile)}\n{EnvironmentSettings.ToHocon()}\n{more}", loggers, cancellationToken).ConfigureAwait(false);
            log.LogInformation("node {Address} is up, API {Api}", node.Address, node.Api);
            _ = WatchAsync(node);
        }

        public Task StopAsync(CancellationToken cancellationToken) => node?.LeaveAsync().WaitAsync(cancellationToken) ?? Task.CompletedTask;

        private async Task WatchAsync(ClusterNode started)
        {
            string? reason = await started.Ended.ConfigureAwait(false);
            if (!lifetime.ApplicationStopping.IsCancellationRequested)
            {
                log.LogError("node {Address} {End}", started.Address, reason is null ? "was removed from the cluster" : $"is refused by the cluster: {reason}");
                lifetime.StopApplication();
            }
        }
    }
}
