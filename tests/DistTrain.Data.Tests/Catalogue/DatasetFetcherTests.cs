using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using DistTrain.Tensors;

namespace DistTrain.Data.Tests;

public sealed class DatasetFetcherTests : IDisposable
{
    private static readonly byte[] Content = IdxBytes.Create([40_000], [.. Enumerable.Range(0, 40_000).Select(i => (byte)((i * i) >> 3))]);
    private static readonly byte[] Packed = IdxBytes.Gzip(Content);

    private readonly TemporaryFolder folder = new();
    private readonly FileServer server = new();
    private readonly DatasetFetcher fetcher = new();

    private DataFolders Folders => new(null, folder.FullPath);

    private string Target => Path.Combine(folder.FullPath, "tiny", "tiny.gz");

    public void Dispose()
    {
        server.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_file_arrives_under_its_name_with_progress_to_the_end()
    {
        server.Files["tiny.gz"] = Packed;
        var progress = new Recorder();
        Assert.Equal(Path.GetDirectoryName(Target), await fetcher.FetchAsync(Entry(server.Address), Folders, progress));
        AssertWhole();
        FetchProgress last = progress.Reports.Last();
        Assert.Equal(Packed.Length, last.Bytes);
        Assert.Equal(Packed.Length, last.TotalBytes);
        Assert.Equal("tiny.gz", last.File);
    }

    [Fact]
    public async Task A_cut_download_goes_on_where_it_stopped()
    {
        server.Files["tiny.gz"] = Packed;
        server.Cuts.Enqueue(1000);
        server.Cuts.Enqueue(500);
        await fetcher.FetchAsync(Entry(server.Address), Folders);
        AssertWhole();
        Assert.Equal([("tiny.gz", 0), ("tiny.gz", 1000), ("tiny.gz", 1500)], server.Requests);
    }

    [Fact]
    public async Task A_part_left_by_an_earlier_run_is_used()
    {
        server.Files["tiny.gz"] = Packed;
        WritePart(Packed[..700]);
        await fetcher.FetchAsync(Entry(server.Address), Folders);
        AssertWhole();
        Assert.Equal([("tiny.gz", 700)], server.Requests);
    }

    [Fact]
    public async Task A_part_that_was_whole_already_is_checked_and_kept()
    {
        server.Files["tiny.gz"] = Packed;
        WritePart(Packed);
        await fetcher.FetchAsync(Entry(server.Address), Folders);
        AssertWhole();
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_part_of_something_else_is_thrown_away_and_fetched_anew()
    {
        server.Files["tiny.gz"] = Packed;
        WritePart(new byte[700]);
        await fetcher.FetchAsync(Entry(server.Address), Folders);
        AssertWhole();
        Assert.Equal([("tiny.gz", 700), ("tiny.gz", 0)], server.Requests);
    }

    [Fact]
    public async Task A_mirror_that_ignores_ranges_starts_over()
    {
        using var plain = new FileServer { IgnoresRange = true };
        plain.Files["tiny.gz"] = Packed;
        plain.Cuts.Enqueue(1000);
        await fetcher.FetchAsync(Entry(plain.Address), Folders);
        AssertWhole();
        Assert.Equal([("tiny.gz", 0), ("tiny.gz", 1000)], plain.Requests);
    }

    [Fact]
    public async Task Wrong_content_is_never_taken_and_the_next_mirror_is_asked()
    {
        byte[] wrong = (byte[])Content.Clone();
        wrong[^1] ^= 1;
        server.Files["tiny.gz"] = IdxBytes.Gzip(wrong);
        using var second = new FileServer();
        second.Files["tiny.gz"] = Packed;
        await fetcher.FetchAsync(Entry(server.Address, second.Address), Folders);
        AssertWhole();
        Assert.Single(server.Requests);
        Assert.Equal([("tiny.gz", 0)], second.Requests);
    }

    [Fact]
    public async Task A_mirror_that_packed_the_content_in_another_way_is_accepted()
    {
        server.Files["tiny.gz"] = Content;
        await fetcher.FetchAsync(Entry(server.Address), Folders);
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target));
        Assert.False(File.Exists(Target + ".part"));
    }

    [Fact]
    public async Task Without_a_good_mirror_one_line_names_what_was_tried_and_where_the_files_go()
    {
        using var wrong = new FileServer();
        wrong.Files["tiny.gz"] = IdxBytes.Gzip(new byte[Content.Length]);
        Uri offline = ClosedPort();
        UserError error = await Assert.ThrowsAsync<UserError>(
            () => fetcher.FetchAsync(Entry(offline, server.Address, wrong.Address), Folders));
        Assert.StartsWith("data set tiny: tiny.gz can't be fetched; tried ", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{offline}tiny.gz (", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{server.Address}tiny.gz (answered 404 Not Found)", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{wrong.Address}tiny.gz (SHA-256 of the content is ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith($"put tiny.gz into {Path.GetDirectoryName(Target)} by hand.", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public async Task A_mirror_that_sends_without_end_is_stopped_at_the_size_cap()
    {
        server.Files["tiny.gz"] = new byte[1_000_000];
        UserError error = await Assert.ThrowsAsync<UserError>(() => fetcher.FetchAsync(Entry(server.Address), Folders));
        Assert.Contains($"sends more than the {Content.Length} bytes", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, new FileInfo(Target + ".part").Length);
    }

    [Fact]
    public async Task A_small_file_that_unpacks_without_end_is_refused()
    {
        server.Files["tiny.gz"] = IdxBytes.Gzip(new byte[5_000_000]);
        UserError error = await Assert.ThrowsAsync<UserError>(() => fetcher.FetchAsync(Entry(server.Address), Folders));
        Assert.Contains($"content is longer than {Content.Length} bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silent_mirror_is_left_for_the_next()
    {
        using var silent = new FileServer { IsSilent = true };
        server.Files["tiny.gz"] = Packed;
        var time = new StoppedTime();
        var impatient = new DatasetFetcher { Time = time };
        Task fetch = impatient.FetchAsync(Entry(silent.Address, server.Address), Folders);
        await silent.Asked.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(impatient.SilenceMax, time.Elapse());
        await fetch;
        AssertWhole();
        Assert.Equal([("tiny.gz", 0)], silent.Requests);
    }

    [Fact]
    public async Task Cancelling_stops_at_once_and_leaves_no_target()
    {
        using var silent = new FileServer { IsSilent = true };
        using var cancellation = new CancellationTokenSource();
        Task fetch = fetcher.FetchAsync(Entry(silent.Address), Folders, null, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch);
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public async Task What_is_there_and_right_is_kept_and_what_is_wrong_is_replaced()
    {
        server.Files["tiny.gz"] = Packed;
        Directory.CreateDirectory(Path.GetDirectoryName(Target)!);
        await File.WriteAllBytesAsync(Target, Packed);
        await fetcher.FetchAsync(Entry(server.Address), Folders);
        Assert.Empty(server.Requests);

        await File.WriteAllBytesAsync(Target, Packed[..^20]);
        await fetcher.FetchAsync(Entry(server.Address), Folders);
        AssertWhole();
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_folder_that_can_t_be_made_is_the_user_s_to_put_right()
    {
        string file = folder.Write("file", [1]);
        UserError error = await Assert.ThrowsAsync<UserError>(() => fetcher.FetchAsync(Entry(server.Address), new DataFolders(null, file)));
        Assert.Contains("can't be written", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_built_in_set_needs_no_fetch() =>
        Assert.Contains(
            "built in",
            (await Assert.ThrowsAsync<UserError>(() => fetcher.FetchAsync(DataCatalogue.Find("digits"), Folders))).Message,
            StringComparison.Ordinal);

    private static CatalogueEntry Entry(params Uri[] mirrors) => new(
        "tiny",
        "a test set",
        10,
        null,
        [new CatalogueFile("tiny.gz", Content.Length, Convert.ToHexStringLower(SHA256.HashData(Content)), [.. mirrors.Select(m => new Uri(m, "tiny.gz"))])]);

    /// <summary>An address at which nobody listens: the port was free a moment ago.</summary>
    private static Uri ClosedPort()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        return new Uri($"http://127.0.0.1:{port}/");
    }

    private void WritePart(byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Target)!);
        File.WriteAllBytes(Target + ".part", content);
    }

    private void AssertWhole()
    {
        Assert.Equal(Packed, File.ReadAllBytes(Target));
        Assert.False(File.Exists(Target + ".part"));
    }

    private sealed class Recorder : IProgress<FetchProgress>
    {
        public ConcurrentQueue<FetchProgress> Reports { get; } = new();

        public void Report(FetchProgress value) => Reports.Enqueue(value);
    }
}
