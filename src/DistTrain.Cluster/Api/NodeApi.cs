using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Akka.Actor;
using DistTrain.Hosting;
using DistTrain.Tensors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DistTrain.Cluster;

/// <summary>
/// A node's HTTP API: submit, status, stop, follow, health. Whichever node is asked, the singleton answers. With a token, everything but
/// health needs it (Authorization: Bearer ...).
/// </summary>
internal sealed class NodeApi : IAsyncDisposable
{
    /// <summary>Opening a job's data may take long; until then the answer is open.</summary>
    private static readonly TimeSpan SubmitMax = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(10);

    private readonly WebApplication app;
    private readonly IActorRef singleton;
    private readonly IActorRef progress;
    private readonly Func<bool> isUp;
    private readonly byte[]? token;

    private NodeApi(WebApplication app, IActorRef singleton, IActorRef progress, Func<bool> isUp, string? token)
    {
        (this.app, this.singleton, this.progress, this.isUp) = (app, singleton, progress, isUp);
        this.token = token is null ? null : Encoding.UTF8.GetBytes("Bearer " + token.Trim());
    }

    /// <summary>http://host:port, with the port it got.</summary>
    public string Address => app.Urls.First();

    /// <param name="where">Port 0: any free one.</param>
    /// <param name="singleton">The way to it.</param>
    /// <param name="progress">What this node has heard.</param>
    /// <param name="isUp">Whether the node is a member that is up.</param>
    /// <param name="token">The join token; null: none.</param>
    /// <exception cref="UserError">The address can't be listened at.</exception>
    public static async Task<NodeApi> StartAsync((string Host, int Port) where, IActorRef singleton, IActorRef progress, Func<bool> isUp, string? token)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(FormattableString.Invariant($"http://{where.Host}:{where.Port}"));
        var api = new NodeApi(builder.Build(), singleton, progress, isUp, token);
        api.Map();
        try
        {
            await api.app.StartAsync().ConfigureAwait(false);
            return api;
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or InvalidOperationException)
        {
            await api.app.DisposeAsync().ConfigureAwait(false);
            throw new UserError($"disttrain.node.api: can't listen at {where.Host}:{where.Port}: {e.Message}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(HostClock.EndMax);
        await app.StopAsync(now.Token).ConfigureAwait(false);
        await app.DisposeAsync().ConfigureAwait(false);
    }

    private void Map()
    {
        app.MapGet("/health", (RequestDelegate)(context => AnswerAsync(context, isUp() ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, isUp() ? "up" : "not up")));
        app.MapPost("/runs", Guarded(SubmitAsync));
        app.MapPost("/stop", Guarded(context => AskAsync(context, new EndRun(), AnswerMax)));
        app.MapGet("/status", Guarded(StatusAsync));
        app.MapGet("/events", Guarded(FollowAsync));
    }

    private RequestDelegate Guarded(RequestDelegate next) => context =>
        token is null || CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString()), token)
            ? next(context)
            : AnswerAsync(context, StatusCodes.Status401Unauthorized, $"the join token is missing or wrong; it belongs into {LaneToken.Variable} or --token-file");

    private async Task SubmitAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        string job = await reader.ReadToEndAsync(context.RequestAborted).ConfigureAwait(false);
        await AskAsync(context, new SubmitRun(job), SubmitMax).ConfigureAwait(false);
    }

    private async Task AskAsync(HttpContext context, IClusterMessage question, TimeSpan max)
    {
        try
        {
            switch (await singleton.Ask<object>(question, max).ConfigureAwait(false))
            {
                case RunTaken taken:
                    await AnswerAsync(context, StatusCodes.Status202Accepted, taken.Run).ConfigureAwait(false);
                    break;
                case RequestRefused refused:
                    await AnswerAsync(context, refused.IsBadInput ? StatusCodes.Status400BadRequest : StatusCodes.Status409Conflict, refused.Reason).ConfigureAwait(false);
                    break;
            }
        }
        catch (AskTimeoutException)
        {
            await AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, "no singleton answers: is a node with the role coordinator up?").ConfigureAwait(false);
        }
    }

    private async Task StatusAsync(HttpContext context)
    {
        ProgressActor.Now now = await progress.Ask<ProgressActor.Now>(ProgressActor.AskNow.Instance, AnswerMax).ConfigureAwait(false);
        context.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(context.Response.Body, now.Report ?? new ClusterReport { Members = [] }, HostCodec.Options, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Lines of JSON (<see cref="FollowedEvent"/>) until the run ends: what has happened, then what happens.</summary>
    private async Task FollowAsync(HttpContext context)
    {
        Channel<FollowedEvent> follower = ProgressActor.NewFollower();
        string? run = context.Request.Query["run"];
        progress.Tell(new ProgressActor.Follow(string.IsNullOrEmpty(run) ? null : run, follower));
        try
        {
            context.Response.ContentType = "application/x-ndjson";
            await foreach (FollowedEvent each in follower.Reader.ReadAllAsync(context.RequestAborted).ConfigureAwait(false))
            {
                await context.Response.Body.WriteAsync(each.ToLine(), context.RequestAborted).ConfigureAwait(false);
                await context.Response.Body.WriteAsync("\n"u8.ToArray(), context.RequestAborted).ConfigureAwait(false);
                await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // Whoever followed has gone.
        }
        finally
        {
            progress.Tell(new ProgressActor.Unfollow(follower));
        }
    }

    private static Task AnswerAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text + "\n");
    }
}
