using System.IO.Pipelines;
using System.Text;
using DistTrain.Training.Tests;

namespace DistTrain.Hosting.Tests;

public sealed class NodeProgramTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>A launcher that ends one node says so before; one that was killed says nothing.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_node_clears_the_runs_files_away_when_its_launcher_died_and_leaves_them_to_the_others_when_it_alone_is_to_end(bool isToldToEnd)
    {
        using var sockets = new SocketFolder();
        string live = folder[LiveFile.Name];
        File.WriteAllText(live, "{}");
        var boot = new NodeBoot(1, "run", [sockets.Address(0).ToString()], [sockets.Address(1).ToString()], new NodeSecurity(), sockets.Path, folder.Path);
        var lifeline = new Pipe();
        await lifeline.Writer.WriteAsync(Encoding.UTF8.GetBytes(boot.ToLine() + "\n"));
        Task<int> node = NodeProgram.RunAsync(lifeline.Reader.AsStream(), TextWriter.Null);
        Assert.True(SpinWait.SpinUntil(() => File.Exists(sockets.Address(1).Path), LaneEnd.Patience));

        if (isToldToEnd)
        {
            await lifeline.Writer.WriteAsync(new[] { (byte)NodeProgram.Farewell });
        }

        await lifeline.Writer.CompleteAsync();

        Assert.Equal(NodeExit.Orphaned, await node.WaitAsync(LaneEnd.Patience));
        Assert.Equal(isToldToEnd, Directory.Exists(sockets.Path));
        Assert.Equal(isToldToEnd, File.Exists(live));
    }
}
