using DistTrain.Data;
using DistTrain.Tensors;
using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.Hosting.Tests;

/// <summary>Data that come from a launcher, which may lie.</summary>
public sealed class FetchedDataTests : IDisposable
{
    private static readonly TrainingTask Task = MakeTask();

    private readonly TestFolder folder = new();
    private readonly List<string> log = [];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_was_fetched_once_is_read_from_the_cache_and_what_is_damaged_there_is_fetched_again()
    {
        using (FetchedData first = Fetch())
        {
            Splits splits = first.Open(Task.DataSha256);
            Assert.Equal(Values(Task.Data.Train), Values(splits.Train));
            Assert.Equal(Values(Task.Data.Validation!), Values(splits.Validation!));
            Assert.Null(splits.Test);
            await first.AllHere.WaitAsync(TimeSpan.FromMinutes(1));
            Assert.Equal((4, 0, 0), (first.ChunksFetched, first.ChunksCached, first.ChunksDamaged));
        }

        using (FetchedData second = Fetch())
        {
            Assert.Equal(Values(Task.Data.Train), Values(second.Open(Task.DataSha256).Train));
            await second.AllHere.WaitAsync(TimeSpan.FromMinutes(1));
            Assert.Equal((0, 4, 0), (second.ChunksFetched, second.ChunksCached, second.ChunksDamaged));
            Assert.Equal(0, second.BytesFetched);
        }

        string[] files = Directory.GetFiles(folder.Path, "*.chunk", SearchOption.AllDirectories);
        Assert.Equal(4, files.Length);
        File.WriteAllBytes(files[0], [.. File.ReadAllBytes(files[0]).Reverse()]);
        File.WriteAllBytes(files[1], []);
        using FetchedData third = Fetch();
        Assert.Equal(Values(Task.Data.Train), Values(third.Open(Task.DataSha256).Train));
        await third.AllHere.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal((2, 2, 2), (third.ChunksFetched, third.ChunksCached, third.ChunksDamaged));
    }

    /// <summary>Memory for hardly anything: chunks are dropped and read again all the time, by two threads.</summary>
    [Fact]
    public async Task Little_memory_changes_no_bit()
    {
        using FetchedData fetched = Fetch(memoryMax: 1);
        Splits splits = fetched.Open(Task.DataSha256);
        float[] expected = Values(Task.Data.Train);
        await System.Threading.Tasks.Task.WhenAll(Enumerable.Range(0, 2).Select(_ => System.Threading.Tasks.Task.Run(() => Assert.Equal(expected, Values(splits.Train)))))
            .WaitAsync(TimeSpan.FromMinutes(1));
        await fetched.AllHere.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(4, fetched.ChunksFetched);
    }

    [Fact]
    public async Task A_disk_that_refuses_costs_the_cache_alone()
    {
        File.WriteAllText(folder["file"], "");
        using FetchedData fetched = Fetch(cacheFolder: folder["file", "chunks"]);
        Assert.Equal(Values(Task.Data.Train), Values(fetched.Open(Task.DataSha256).Train));
        await fetched.AllHere.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Single(log, line => line.Contains("can't be kept", StringComparison.Ordinal));
    }

    /// <summary>Each lie is told in one message; nothing of it is trained on, and nothing of it is kept.</summary>
    [Theory]
    [InlineData("a byte of a chunk")]
    [InlineData("a chunk's length")]
    [InlineData("a piece's place")]
    [InlineData("another chunk")]
    [InlineData("no chunk")]
    public void A_lie_about_a_chunk_is_refused(string lie)
    {
        int told = 0;
        using FetchedData fetched = Fetch(bend: message => message is ChunkTold { Part: 0, Chunk: 1 } chunk && told++ == 0
            ? lie switch
            {
                "a byte of a chunk" => chunk with { Bulk = (byte[])[.. chunk.Bulk.ToArray()[..^1], (byte)(chunk.Bulk.Span[^1] ^ 1)] },
                "a chunk's length" => chunk with { Bytes = int.MaxValue },
                "a piece's place" => chunk with { Offset = 1 },
                "another chunk" => chunk with { Chunk = 2000 },
                _ => new DataNotTold("the disk is gone"),
            }
            : message);
        Splits splits = fetched.Open(Task.DataSha256);
        Assert.Throws<EngineFailedException>(() => Values(splits.Train));
        Assert.Equal(1, told);
        Assert.All(Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories), path => Assert.EndsWith(".chunk", path, StringComparison.Ordinal));
        Assert.DoesNotContain(Convert.ToHexStringLower(Task.TrainManifest.HashOf(1)), string.Join(' ', Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a hash")]
    [InlineData("too many hashes")]
    [InlineData("a count")]
    [InlineData("a shape")]
    [InlineData("a role")]
    public void A_lie_about_the_manifest_is_refused(string lie)
    {
        int told = 0;
        using FetchedData fetched = Fetch(bend: message => (message, lie) switch
        {
            (HashesTold { Part: 0 } hashes, "a hash") => Lied(hashes with { Bulk = (byte[])[.. hashes.Bulk.ToArray()[..^1], (byte)(hashes.Bulk.Span[^1] ^ 1)] }),
            (HashesTold { Part: 0 } hashes, "too many hashes") => Lied(hashes with { Bulk = (byte[])[.. hashes.Bulk.ToArray(), .. hashes.Bulk.ToArray()] }),
            (DataTold data, "a count") => Lied(data with { Parts = [data.Parts[0] with { Count = int.MaxValue }] }),
            (DataTold data, "a shape") => Lied(data with { Parts = [data.Parts[0] with { Sample = [1 << 20, 1 << 20] }] }),
            (DataTold data, "a role") => Lied(data with { Parts = [data.Parts[0] with { Role = "../train" }] }),
            _ => message,
        });
        Assert.Throws<EngineFailedException>(() => fetched.Open(Task.DataSha256));
        Assert.Equal(1, told);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));

        HostMessage Lied(HostMessage message)
        {
            told++;
            return message;
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Another_launcher_is_asked_for_what_the_one_before_did_not_tell(int chunksTold)
    {
        var served = new ServedData(Task);
        FetchedData? fetched = null;
        var silent = new TaskCompletionSource();
        int told = 0, asked = 0;
        Action<HostMessage> first = Later(ask => ask is AskChunk ? ++told <= chunksTold : chunksTold >= 0);
        Action<HostMessage> second = Later(ask => ask is AskData || ++asked > 0);
        fetched = new FetchedData(new ChunkCache(folder.Path), first, log.Add, _ => { });
        Task<Splits> open = System.Threading.Tasks.Task.Run(() => fetched.Open(Task.DataSha256));
        await silent.Task.WaitAsync(TimeSpan.FromMinutes(1));

        fetched.AskAgain(second);

        Assert.Equal(Values(Task.Data.Train), Values((await open.WaitAsync(TimeSpan.FromMinutes(1))).Train));
        await fetched.AllHere.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal((4, 4 - Math.Max(0, chunksTold)), (fetched.ChunksFetched, asked));
        fetched.Dispose();

        // In the order of the questions, on other threads.
        Action<HostMessage> Later(Func<HostMessage, bool> isAnswered)
        {
            Task last = System.Threading.Tasks.Task.CompletedTask;
            return ask => last = last.ContinueWith(
                _ =>
                {
                    if (!isAnswered(ask))
                    {
                        silent.TrySetResult();
                        return;
                    }

                    foreach (HostMessage answer in ask is AskChunk chunk ? served.Chunk(chunk) : served.Manifests())
                    {
                        fetched!.Take(answer);
                    }
                },
                TaskScheduler.Default);
        }
    }

    [Fact]
    public void Data_larger_than_the_cache_are_not_fetched()
    {
        using FetchedData fetched = Fetch(bytesMax: 1000);
        UserError error = Assert.Throws<UserError>(() => fetched.Open(Task.DataSha256));
        Assert.Contains("put the data on this host", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A launcher at hand, whose answers may be bent.</summary>
    private FetchedData Fetch(Func<HostMessage, HostMessage>? bend = null, long memoryMax = FetchedData.MemoryMax, string? cacheFolder = null, long bytesMax = ChunkCache.DefaultBytesMax)
    {
        var served = new ServedData(Task);
        FetchedData? fetched = null;
        fetched = new FetchedData(
            new ChunkCache(cacheFolder ?? folder.Path, bytesMax),
            ask =>
            {
                foreach (HostMessage answer in ask is AskChunk chunk ? served.Chunk(chunk) : served.Manifests())
                {
                    fetched!.Take(bend?.Invoke(answer) ?? answer);
                }
            },
            log.Add,
            _ => { },
            memoryMax);
        return fetched;
    }

    private static float[] Values(IDataSource source)
    {
        float[] features = new float[source.Count * source.SampleShape.Length];
        float[] targets = new float[source.Count * source.Target.Length];
        source.Read([.. Enumerable.Range(0, source.Count).Reverse()], features, targets);
        return [.. features, .. targets];
    }

    /// <summary>Three chunks to train, one to validate.</summary>
    private static TrainingTask MakeTask()
    {
        var random = new Random(3);
        IDataSource Source(int count) => Dataset.FromArrays(
            [.. Enumerable.Range(0, count * 784).Select(_ => random.Next(256) / 255f)], new Shape(28, 28, 1), [.. Enumerable.Range(0, count).Select(i => i % 10)], 10);
        return TrainingTask.Create(JobFile.Parse("model: { layers: [Flatten, { Dense: 10 }] }\n"), new Splits(Source(201), Source(40)));
    }
}
