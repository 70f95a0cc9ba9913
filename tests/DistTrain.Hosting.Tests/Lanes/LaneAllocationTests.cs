namespace DistTrain.Hosting.Tests;

/// <summary>Not one byte a frame, on either side; the messages themselves are not counted: hosts make and decode them.</summary>
[Collection(nameof(LaneAllocationTests))]
[CollectionDefinition(nameof(LaneAllocationTests), DisableParallelization = true)]
public sealed class LaneAllocationTests : IDisposable
{
    private const int Frames = 400;
    private const int TurnsMax = 50;

    /// <summary>The smallest object takes 24 bytes: one in three frames would be found.</summary>
    private const long NoiseMax = 8 * Frames;
    private readonly string folder = Directory.CreateTempSubdirectory("lanes").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(LaneTransport.Tcp, false)]
    [InlineData(LaneTransport.Unix, false)]
    [InlineData(LaneTransport.Unix, true)]
    [InlineData(LaneTransport.Memory, false)]
    public void Frames_in_steady_state_allocate_nothing(LaneTransport transport, bool encrypted)
    {
        using LaneTls? tls = encrypted ? CertificateFolderTests.Certified(folder) : null;
        LaneAddress address = transport == LaneTransport.Tcp ? LaneAddress.Tcp("127.0.0.1", 0) : LaneAddress.Unix(Path.Combine(folder, "s"));
        using var lane = new LaneCopy(address, 64 * 1024, new LaneSecurity { Tls = tls }, transport == LaneTransport.Memory);
        lane.Run(Frames);

        // Timers, compilation and the test runner allocate now and then; what a frame does shows in every turn.
        long least = Enumerable.Range(0, TurnsMax).Select(_ => Allocated(lane)).FirstOrDefault(bytes => bytes < NoiseMax, long.MaxValue);
        Assert.True(least < NoiseMax, $"{NoiseMax} bytes or more in each of {TurnsMax} turns of {Frames} frames");
    }

    private static long Allocated(LaneCopy lane)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        lane.Run(Frames);
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }
}
