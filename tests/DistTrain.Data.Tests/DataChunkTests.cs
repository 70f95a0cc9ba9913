using DistTrain.Tensors;

namespace DistTrain.Data.Tests;

public sealed class DataChunkTests
{
    /// <summary>Pixels, of which there are 256 different ones, take a byte each; other floats four.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_source_is_the_same_bits_chunk_by_chunk(bool isPixels)
    {
        IDataSource source = Source(isPixels);
        var part = PartManifest.Of(source);
        Assert.Equal(3, part.Chunks);
        byte[][] packed = [.. Enumerable.Range(0, part.Chunks).Select(chunk => DataChunk.Pack(source, part, chunk))];
        DataChunk[] chunks = [.. packed.Select((bytes, chunk) => DataChunk.Parse(part, chunk, bytes))];
        var chunked = new ChunkSource(part, chunk => chunks[chunk]);

        Assert.All(packed.Select((bytes, chunk) => (bytes, chunk)), entry => Assert.InRange(entry.bytes.Length, 1, DataChunk.BytesMax(part, entry.chunk)));
        Assert.Equal(isPixels, packed[0].Length < part.RowsPerChunk * (source.SampleShape.Length + 20));
        Assert.Equal(DataFingerprint.Compute(source), DataFingerprint.Compute(chunked));
        int[] indices = [200, 0, 82, 83, 84, 199, 0];
        Assert.Equal(Read(source, indices), Read(chunked, indices));
    }

    [Fact]
    public void Whatever_byte_is_changed_the_chunk_is_refused()
    {
        IDataSource source = Source(isPixels: true);
        var part = PartManifest.Of(source);
        byte[] packed = DataChunk.Pack(source, part, 2);
        var random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 300; i++)
        {
            byte[] changed = [.. packed];
            int at = i < 10 ? i : random.Next(changed.Length);
            changed[at] ^= (byte)(1 << random.Next(8));
            refused += IsRefused(part, 2, changed) ? 1 : 0;
        }

        Assert.Equal(300, refused);
        Assert.All([[], packed[..1], packed[..^1], [.. packed, 0]], bytes => Assert.True(IsRefused(part, 2, bytes)));
        Assert.True(IsRefused(part, 1, packed));
        Assert.False(IsRefused(part, 2, packed));
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(10, 0)]
    [InlineData(int.MaxValue, 1 << 16)]
    [InlineData(1, 1 << 25)]
    public void Nobody_takes_memory_for_data_beyond_the_limits(int count, long floats) =>
        Assert.Throws<InvalidDataException>(() => PartManifest.ChunksOf(count, floats));

    [Fact]
    public void A_cache_gives_back_what_is_sound_and_forgets_what_was_used_longest_ago()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"chunks-{Guid.NewGuid():N}");
        try
        {
            IDataSource source = Source(isPixels: true);
            var part = PartManifest.Of(source);
            DataChunk[] chunks = [.. Enumerable.Range(0, 3).Select(chunk => DataChunk.Parse(part, chunk, DataChunk.Pack(source, part, chunk)))];
            var cache = new ChunkCache(folder, bytesMax: chunks[0].Bytes.Length * 2);
            for (int chunk = 0; chunk < 3; chunk++)
            {
                Assert.True(cache.Keep(part.HashOf(chunk), chunks[chunk]));
            }

            string[] files = [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(path => path)];
            Assert.Equal(3, files.Length);
            Assert.All(files, path => Assert.EndsWith(".chunk", path, StringComparison.Ordinal));
            foreach (string path in files)
            {
                File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-1));
            }

            cache.Touch(part.HashOf(1));
            cache.MakeRoom(chunks[0].Bytes.Length);
            Assert.Equal([false, true, false], Enumerable.Range(0, 3).Select(chunk => cache.Read(part, chunk, out _) is not null));

            string kept = Assert.Single(Directory.GetFiles(folder, "*", SearchOption.AllDirectories));
            byte[] bytes = File.ReadAllBytes(kept);
            bytes[^1] ^= 1;
            File.WriteAllBytes(kept, bytes);
            Assert.Null(cache.Read(part, 1, out bool wasDamaged));
            Assert.True(wasDamaged);
            Assert.False(File.Exists(kept));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool IsRefused(PartManifest part, int chunk, byte[] bytes)
    {
        try
        {
            DataChunk.Parse(part, chunk, bytes);
            return false;
        }
        catch (InvalidDataException)
        {
            return true;
        }
    }

    private static float[] Read(IDataSource source, int[] indices)
    {
        float[] features = new float[indices.Length * source.SampleShape.Length];
        float[] targets = new float[indices.Length * source.Target.Length];
        source.Read(indices, features, targets);
        return [.. features, .. targets];
    }

    /// <summary>201 samples of 784 floats: three chunks of 83 at most.</summary>
    private static IDataSource Source(bool isPixels)
    {
        var random = new Random(2);
        float[] features = [.. Enumerable.Range(0, 201 * 784).Select(_ => isPixels ? random.Next(256) / 255f : random.NextSingle())];
        return Dataset.FromArrays(features, new Shape(28, 28, 1), [.. Enumerable.Range(0, 201).Select(i => i % 10)], 10);
    }
}
