using DistTrain.Tensors;

namespace DistTrain.Data.Tests;

public sealed class BatchPrefetchTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Batches_read_ahead_are_those_that_are_asked_for()
    {
        IDataSource inMemory = Dataset.FromArrays([.. Enumerable.Range(0, 90).Select(i => (float)i)], new Shape(3), [.. Enumerable.Range(0, 30)], 30);
        var slow = new CountingFile(inMemory);
        var ahead = new BatchLoader(slow, 8, seed: 3);
        var plain = new BatchLoader(inMemory, 8, seed: 3);
        var foreseen = new HashSet<(int, int, int, int)>();
        int expectedReads = 0, taken = 0;
        for (int pass = 0; pass < 3; pass++)
        {
            for (int step = 0; step < plain.StepsPerPass; step++)
            {
                int rows = plain.RowsIn(step);
                foreach ((int first, int count) in new[] { (0, rows / 2), (rows / 2, rows - (rows / 2)) })
                {
                    int[] expectedIndices = new int[count], indices = new int[count];
                    float[] expected = new float[count * 3], features = new float[count * 3], expectedTargets = new float[count], targets = new float[count];
                    plain.Load(pass, step, first, expectedIndices, expected, expectedTargets);
                    ahead.Load(pass, step, first, indices, features, targets);
                    Assert.Equal(expectedIndices, indices);
                    Assert.Equal(expected, features);
                    Assert.Equal(expectedTargets, targets);

                    // The next step's part is read without being asked for, unless that step is too short for it.
                    bool wasForeseen = foreseen.Remove((pass, step, first, count));
                    (int nextPass, int nextStep) = step + 1 < plain.StepsPerPass ? (pass, step + 1) : (pass + 1, 0);
                    bool foresees = first + count <= plain.RowsIn(nextStep) && foreseen.Add((nextPass, nextStep, first, count));
                    expectedReads += (wasForeseen ? 0 : 1) + (foresees ? 1 : 0);
                    taken += wasForeseen ? 1 : 0;
                    Assert.True(SpinWait.SpinUntil(() => slow.Reads >= expectedReads, TimeSpan.FromMinutes(2)), $"{slow.Reads} reads, expected {expectedReads}");
                    Assert.Equal(expectedReads, slow.Reads);
                }
            }
        }

        Assert.True(taken >= 12, $"{taken} parts were read ahead and taken");
    }

    [Fact]
    public void A_large_idx_file_stays_in_its_file_and_gives_the_same_samples()
    {
        const int Items = 150_000, Side = 30;
        string path = folder.File("train-images-idx3-ubyte");
        using (FileStream file = File.Create(path))
        {
            file.Write([0, 0, 8, 3, 0, 2, 0x49, 0xF0, 0, 0, 0, Side, 0, 0, 0, Side]);
            byte[] item = new byte[Side * Side];
            for (int i = 0; i < Items; i++)
            {
                BitConverter.TryWriteBytes(item, i);
                file.Write(item);
            }
        }

        IDataSource source = IdxSource.Open(path, null);
        Assert.True(source.WaitsForFiles);
        float[] features = new float[2 * Side * Side];
        source.Read([149_999, 1], features, []);
        Assert.Equal([(149_999 & 255) / 255f, (149_999 >> 8 & 255) / 255f, (149_999 >> 16) / 255f], features[..3]);
        Assert.Equal(1 / 255f, features[Side * Side]);
    }

    /// <summary>Says that it waits for files, and counts reads.</summary>
    private sealed class CountingFile(IDataSource source) : IDataSource
    {
        private int reads;

        public int Reads => Volatile.Read(ref reads);

        public string Name => source.Name;

        public int Count => source.Count;

        public Shape SampleShape => source.SampleShape;

        public TargetDescription Target => source.Target;

        public bool WaitsForFiles => true;

        public void Read(ReadOnlySpan<int> indices, Span<float> features, Span<float> targets)
        {
            source.Read(indices, features, targets);
            Interlocked.Increment(ref reads);
        }
    }
}
