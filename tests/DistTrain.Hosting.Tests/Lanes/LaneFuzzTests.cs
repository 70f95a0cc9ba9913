using DistTrain.Protocol;

namespace DistTrain.Hosting.Tests;

/// <summary>Strangers may do what they like: nothing crashes, nothing hangs, memory stays bounded, and the lane beside them goes on.</summary>
[Collection(nameof(Alone))]
public sealed class LaneFuzzTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lanes").FullName;
    private readonly List<IDisposable> used = [];

    public void Dispose()
    {
        used.ForEach(one => one.Dispose());
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(false, 4_000)]
    [InlineData(true, 2_000)]
    public void Strangers_disturb_nobody(bool encrypted, int frames) => Run(encrypted, frames);

    [Fact]
    public void Strangers_of_the_same_host_who_hand_over_memory_disturb_nobody() => Run(encrypted: false, 4_000, unix: true);

    [Theory]
    [Trait("Category", "Long")]
    [InlineData(false, 700_000)]
    [InlineData(true, 300_000)]
    public void A_million_frames_of_strangers_disturb_nobody(bool encrypted, int frames) =>
        Assert.Contains(Run(encrypted, frames), reason => reason.StartsWith("Bad message", StringComparison.Ordinal));

    [Fact]
    [Trait("Category", "Long")]
    public void Many_frames_of_strangers_of_the_same_host_disturb_nobody() => Run(encrypted: false, 300_000, unix: true);

    /// <summary>Returns why strangers' connections ended.</summary>
    private string[] Run(bool encrypted, long frames, bool unix = false)
    {
        const int Strangers = 2;
        const long MemoryMax = 64 << 20;
        const int EchoesPerMeasurement = 500;
        LaneTls? tls = encrypted ? Use(CertificateFolderTests.Certified(folder)) : null;
        LaneOptions options = LaneEnd.Patient with { HalfOpenMax = 16, ConnectionsMax = 32, HoldMax = TimeSpan.FromMilliseconds(100) };
        LaneEnd server = Use(new LaneEnd("server", options, new LaneSecurity { Tls = tls })), honest = Use(new LaneEnd("honest", options, new LaneSecurity { Tls = tls }));
        server.KeepsMessages = false;
        LaneAddress address = server.Node.Listen(unix ? LaneAddress.Unix(Path.Combine(folder, "s")) : LaneAddress.Tcp("127.0.0.1", 0)).Address;
        LanePeer there = honest.Node.Dial(address);
        LaneEnd.Next(honest.Connected);

        LaneFuzzer[] fuzzers = [.. Enumerable.Range(0, Strangers).Select(i => new LaneFuzzer(address, new LaneSecurity { Tls = tls }, name => LaneIdentity.Of(name, LaneEnd.Run, []), seed: 20261121 + i))];
        Thread[] threads = [.. fuzzers.Select(fuzzer => new Thread(() => RunUntil(fuzzer, frames / Strangers, () => IsEnough(server, frames))))];
        Array.ForEach(threads, thread => thread.Start());
        long before = GC.GetTotalMemory(forceFullCollection: true), memory = long.MinValue;
        int echoes = 0;
        do
        {
            // One message at a time, there and back, is the traffic beside.
            there.SendBytes(LaneEnd.EchoChannel, BitConverter.GetBytes(echoes));
            Assert.Equal(echoes++, BitConverter.ToInt32(LaneEnd.Next(honest.Bytes).Bytes));
            if (echoes % EchoesPerMeasurement == 1)
            {
                // What nobody holds any more is not counted.
                memory = Math.Max(memory, GC.GetTotalMemory(forceFullCollection: true) - before);
            }
        }
        while (threads.Any(thread => !thread.Join(0)));

        Assert.Empty(honest.Broken);
        Assert.InRange(memory, long.MinValue + 1, MemoryMax);
        Assert.True(fuzzers.Sum(fuzzer => fuzzer.Frames) >= frames);
        string[] reasons = Reasons(server);
        Assert.DoesNotContain(reasons, reason => reason.Contains("defect", StringComparison.Ordinal));
        Assert.True(IsEnough(server, frames), $"{server.MessagesSeen} of the strangers' messages were honest enough to arrive, {reasons.Count(IsBad)} strangers were found out");

        // Strangers gone: their lanes end, what they left half received is given back.
        Assert.True(SpinWait.SpinUntil(() => server.Node.Peers.Count() <= 1 && server.Pool.BuffersRented == 0, LaneEnd.Patience),
            $"{server.Node.Peers.Count()} peers and {server.Pool.BuffersRented} buffers are left");
        return reasons;
    }

    /// <summary>On a machine that does other things many are pushed out or gone before they are read: they come again, until enough were.</summary>
    private static void RunUntil(LaneFuzzer fuzzer, long frames, Func<bool> isEnough)
    {
        const int RoundsMax = 50;
        for (int round = 1; round == 1 || (round <= RoundsMax && !isEnough()); round++)
        {
            fuzzer.Run(round * frames);
        }
    }

    private static bool IsEnough(LaneEnd server, long frames) => server.MessagesSeen > frames / 20 && Reasons(server).Count(IsBad) > frames / 400;

    private static bool IsBad(string reason) => reason.StartsWith("Bad ", StringComparison.Ordinal);

    private static string[] Reasons(LaneEnd server) => [.. server.Broken.Concat(server.Refused.Select(refusal => refusal.Text))];

    /// <summary>What is measured is the process's memory, so no other test runs beside these.</summary>
    [CollectionDefinition(nameof(Alone), DisableParallelization = true)]
    public sealed class Alone;

    private T Use<T>(T one)
        where T : IDisposable
    {
        used.Add(one);
        return one;
    }
}
