using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <summary>A cluster as anybody reaches it: through the HTTP API of one of its nodes.</summary>
public sealed class ClusterClient : IDisposable
{
    /// <summary>Where a node's API is by default.</summary>
    public const string DefaultNode = "http://127.0.0.1:4055";

    private readonly HttpClient http;
    private readonly Uri node;

    /// <param name="node">http://HOST:PORT of any node.</param>
    /// <param name="token">The cluster's join token; null: none.</param>
    /// <exception cref="UserError">It is no address of that kind.</exception>
    public ClusterClient(string node, string? token)
    {
        this.node = Uri.TryCreate(node, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
            ? uri!
            : throw new UserError($"--node: found \"{node}\"; allowed: http://HOST:PORT of any node of the cluster, such as {DefaultNode}");

        // Submitting waits for the job's data; following never ends by itself.
        http = new HttpClient { BaseAddress = this.node, Timeout = Timeout.InfiniteTimeSpan };
        if (token is not null)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Trim());
        }
    }

    /// <summary>Has the cluster train a job.</summary>
    /// <returns>The run's name.</returns>
    /// <exception cref="UserError">The cluster can't use the job.</exception>
    /// <exception cref="EngineFailedException">The node does not answer, refuses, or has a run already.</exception>
    public Task<string> SubmitAsync(Job job, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        return PostAsync("/runs", new StringContent(job.ToYaml(), Encoding.UTF8, "application/yaml"), cancellation);
    }

    /// <summary>Lets the live run end after a checkpoint.</summary>
    /// <returns>The run's name.</returns>
    /// <exception cref="EngineFailedException">The node does not answer or refuses, or no run is live.</exception>
    public Task<string> StopAsync(CancellationToken cancellation = default) => PostAsync("/stop", null, cancellation);

    /// <summary>How cluster and run are.</summary>
    /// <exception cref="EngineFailedException">The node does not answer or refuses.</exception>
    public async Task<ClusterReport> StatusAsync(CancellationToken cancellation = default)
    {
        using HttpResponseMessage answer = await SendAsync(new HttpRequestMessage(HttpMethod.Get, "/status"), cancellation).ConfigureAwait(false);
        return await answer.Content.ReadFromJsonAsync<ClusterReport>(HostCodec.Options, cancellation).ConfigureAwait(false)
            ?? throw new EngineFailedException($"{node}: the answer is not understood");
    }

    /// <summary>What has happened in a run, then what happens, until it ends.</summary>
    /// <param name="run">Its name.</param>
    /// <param name="cancellation">Ends following, not the run.</param>
    /// <exception cref="EngineFailedException">The node does not answer, refuses, or ends before the run does.</exception>
    public async IAsyncEnumerable<FollowedEvent> FollowAsync(string run, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using HttpResponseMessage answer = await SendAsync(new HttpRequestMessage(HttpMethod.Get, $"/events?run={Uri.EscapeDataString(run)}"), cancellation).ConfigureAwait(false);
        using Stream stream = await answer.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (await NextAsync(reader, run, cancellation).ConfigureAwait(false) is { } happened)
        {
            yield return happened;
            if (happened.End is not null)
            {
                yield break;
            }
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<FollowedEvent> NextAsync(StreamReader reader, string run, CancellationToken cancellation)
    {
        string? line;
        try
        {
            line = await reader.ReadLineAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            line = null;
        }

        return line is null
            ? throw new EngineFailedException($"{node} has ended while {run} was followed; the run goes on if the cluster does: follow it through another node")
            : FollowedEvent.Parse(Encoding.UTF8.GetBytes(line));
    }

    private async Task<string> PostAsync(string path, HttpContent? content, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        using HttpResponseMessage answer = await SendAsync(request, cancellation).ConfigureAwait(false);
        return (await answer.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false)).Trim();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        HttpResponseMessage answer;
        try
        {
            answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw new EngineFailedException($"{node}: no node answers there: {e.Message}", e);
        }

        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            string reason = (await answer.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false)).Trim();
            throw answer.StatusCode == HttpStatusCode.BadRequest ? new UserError(reason) : new EngineFailedException($"{node}: {reason}");
        }
    }
}
