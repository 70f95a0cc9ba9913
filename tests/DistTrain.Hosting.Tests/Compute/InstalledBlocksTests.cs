using DistTrain.Protocol;

namespace DistTrain.Hosting.Tests;

public class InstalledBlocksTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly WeightVersion Old = new(4), New = new(5);
    private readonly BlockPool pool = new(poison: true);
    private readonly InstalledBlocks installed = new(4);

    [Fact]
    public async Task Whoever_waits_for_blocks_gets_all_of_them_at_its_version_and_a_reference_to_each()
    {
        var got = new BlockBuffer?[3];
        BlockBuffer[] old = Install(Old, 0, 1, 2, 3);
        Task waiting = Task.Run(() => installed.WaitFor(1, New, got, static () => false));

        // One before the run, one behind it, and one twice, do not complete it.
        BlockBuffer second = Install(New, 2)[0];
        Install(New, 2);
        BlockBuffer first = Install(New, 1)[0];
        Install(New, 0);
        Assert.False(waiting.IsCompleted);
        BlockBuffer third = Install(New, 3)[0];
        await waiting.WaitAsync(Patience);
        Assert.Equal([first, second, third], got);

        installed.Drop(New);
        Assert.All(old, buffer => Assert.Throws<InvalidOperationException>(() => buffer.Span.Length));
        installed.Clear();
        Assert.All(got, buffer => Assert.True(buffer!.IsExclusive));
    }

    [Fact]
    public async Task Who_waits_is_let_go_when_its_computation_is_cancelled()
    {
        bool cancelled = false;
        Task waiting = Task.Run(() => installed.WaitFor(0, New, new BlockBuffer?[2], () => Volatile.Read(ref cancelled)));
        Install(New, 0);
        Volatile.Write(ref cancelled, true);
        installed.Wake();
        await Assert.ThrowsAsync<OperationCanceledException>(() => waiting.WaitAsync(Patience));
    }

    private BlockBuffer[] Install(WeightVersion version, params int[] blocks) => Array.ConvertAll(blocks, block =>
    {
        BlockBuffer weights = pool.Rent(8);
        installed.Install(new BlockId(block), version, weights);
        weights.Release();
        return weights;
    });
}
