using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>
/// Downloads the files of a known set into a folder. A file is written as NAME.part, goes on from there after a cut, and gets its
/// name only when the SHA-256 of its content is right, so nothing half-written is ever taken for whole.
/// </summary>
public sealed class DatasetFetcher
{
    /// <summary>A mirror that breaks off is asked again so often; then the next one goes on.</summary>
    private const int AttemptsMax = 3;

    /// <summary>Packing can't make content larger by more than a few bytes a block: beyond this it is another file.</summary>
    private const long PackingBytesMax = 1 << 16;

    private static readonly HttpClient SharedClient = CreateClient();

    private readonly HttpClient client;

    public DatasetFetcher()
        : this(SharedClient)
    {
    }

    /// <param name="client">Belongs to the caller; its proxy and certificates are used as they are.</param>
    public DatasetFetcher(HttpClient client) => this.client = client;

    /// <summary>How long a mirror may be silent before it counts as broken.</summary>
    public TimeSpan SilenceMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What silence is measured by.</summary>
    internal TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Makes all files of the set be there, checked. What is there and right is kept.</summary>
    /// <param name="entry">What to fetch.</param>
    /// <param name="folders">The set's folder is made in <see cref="DataFolders.Cache"/>.</param>
    /// <param name="progress">Told after every piece.</param>
    /// <param name="cancellationToken">Stops between pieces; a later fetch goes on from there.</param>
    /// <returns>The set's folder.</returns>
    /// <exception cref="UserError">No mirror gave a file, or the folder can't be written.</exception>
    public async Task<string> FetchAsync(
        CatalogueEntry entry, DataFolders folders, IProgress<FetchProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (entry.Files.Count == 0)
        {
            throw new UserError(entry.Location is null
                ? $"data set {entry.Name} is built in: there is nothing to fetch."
                : $"data set {entry.Name} isn't fetched: put it into the folder of sets as {entry.Location}, and name that folder in DISTTRAIN_DATA.");
        }

        string folder = Path.Combine(folders.Cache, entry.Name);
        try
        {
            Directory.CreateDirectory(folder);
            foreach (CatalogueFile file in entry.Files)
            {
                await FetchFileAsync(entry, file, folder, progress, cancellationToken);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Trouble with mirrors never gets here: what is left is the folder (rights, space, another fetch at work).
            throw new UserError($"{folder}: can't be written: {error.Message}", error);
        }

        return folder;
    }

    private async Task FetchFileAsync(
        CatalogueEntry entry, CatalogueFile file, string folder, IProgress<FetchProgress>? progress, CancellationToken cancellationToken)
    {
        string target = Path.Combine(folder, file.Name);
        if (File.Exists(target) && await ContentCheck.FindFaultAsync(target, file, cancellationToken) is null)
        {
            long length = new FileInfo(target).Length;
            progress?.Report(new FetchProgress(file.Name, length, length, null));
            return;
        }

        string part = target + ".part";
        var failures = new List<string>();
        foreach (Uri mirror in file.Mirrors)
        {
            string? fault = null;
            for (int attempt = 1; attempt <= AttemptsMax; attempt++)
            {
                long before = File.Exists(part) ? new FileInfo(part).Length : 0;
                fault = await DownloadAsync(mirror, file, part, progress, cancellationToken);
                if (fault is null)
                {
                    fault = await ContentCheck.FindFaultAsync(part, file, cancellationToken);
                    if (fault is null)
                    {
                        File.Move(part, target, overwrite: true);
                        return;
                    }

                    // The beginning may have come from an earlier, different download: only a whole one convicts the mirror.
                    File.Delete(part);
                    if (before == 0)
                    {
                        break;
                    }
                }
                else if (!File.Exists(part) || new FileInfo(part).Length <= before)
                {
                    break;
                }
            }

            failures.Add($"{mirror} ({fault})");
        }

        throw new UserError(
            $"data set {entry.Name}: {file.Name} can't be fetched; tried {string.Join(", ", failures)}. "
            + $"Without a network, put {string.Join(", ", entry.Files.Select(each => each.Name))} into {folder} by hand.");
    }

    /// <summary>Appends to the part until the mirror says it is whole. Null when it is; otherwise what went wrong.</summary>
    private async Task<string?> DownloadAsync(
        Uri mirror, CatalogueFile file, string part, IProgress<FetchProgress>? progress, CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(SilenceMax, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        try
        {
            await using var output = new FileStream(part, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
            using var request = new HttpRequestMessage(HttpMethod.Get, mirror);
            if (output.Length > 0)
            {
                request.Headers.Range = new RangeHeaderValue(output.Length, null);
            }

            using HttpResponseMessage response =
                await Network(client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token));
            if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && output.Length > 0)
            {
                // There is nothing beyond what we have: it is whole, or it is something else, which the content will tell.
                return null;
            }

            if (!response.IsSuccessStatusCode)
            {
                return $"answered {(int)response.StatusCode} {response.ReasonPhrase}";
            }

            bool goesOn = response.StatusCode == HttpStatusCode.PartialContent
                && response.Content.Headers.ContentRange?.From == output.Length;
            output.SetLength(goesOn ? output.Length : 0);
            output.Position = output.Length;
            long? total = output.Length + response.Content.Headers.ContentLength;
            return await CopyAsync(response, output, file, progress, mirror, total, silence, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"silent for {SilenceMax.TotalSeconds:0} s";
        }
        catch (NetworkFault fault)
        {
            return fault.Message;
        }
    }

    private async Task<string?> CopyAsync(
        HttpResponseMessage response,
        FileStream output,
        CatalogueFile file,
        IProgress<FetchProgress>? progress,
        Uri mirror,
        long? total,
        CancellationTokenSource silence,
        CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            await using Stream input = await Network(response.Content.ReadAsStreamAsync(cancellationToken));
            int read;
            while ((read = await Network(input.ReadAsync(buffer, cancellationToken).AsTask())) > 0)
            {
                silence.CancelAfter(SilenceMax);
                await output.WriteAsync(buffer.AsMemory(0, read), CancellationToken.None);
                if (output.Length > file.ContentBytes + PackingBytesMax)
                {
                    output.SetLength(0);
                    return $"sends more than the {file.ContentBytes} bytes the file has unpacked";
                }

                progress?.Report(new FetchProgress(file.Name, output.Length, total, mirror));
            }

            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Tells the mirror's trouble apart from the disk's, which may be the same exception type.</summary>
    private static async Task<T> Network<T>(Task<T> task)
    {
        try
        {
            return await task;
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw new NetworkFault(error.Message.ReplaceLineEndings(" "), error);
        }
    }

    private static HttpClient CreateClient()
    {
        var created = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        created.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("disttrain", null));
        return created;
    }

    private sealed class NetworkFault(string message, Exception inner) : Exception(message, inner);
}
