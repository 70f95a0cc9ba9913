using DistTrain.Tensors;

namespace DistTrain.Cluster.Tests;

public sealed class ClusterFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("disttrain-file-").FullName;

    [Fact]
    public void Each_singleton_has_a_higher_number_and_finds_the_run_that_goes_on()
    {
        ClusterFile first = ClusterFile.TakeOver(folder);
        first.Save(new LiveRun("run", "run") { Term = 2, NextServer = 3, NextWorker = 4, NextLane = 5, Stopping = true });

        ClusterFile second = ClusterFile.TakeOver(folder);

        Assert.Equal((1, 2), (first.Authority, second.Authority));
        Assert.Equal(first.Run, second.Run);
    }

    [Fact]
    public void One_that_another_has_succeeded_writes_nothing_any_more()
    {
        ClusterFile first = ClusterFile.TakeOver(folder);
        ClusterFile second = ClusterFile.TakeOver(folder);
        second.Save(new LiveRun("run", "run"));

        Assert.Throws<DeposedException>(() => first.Save(null));
        Assert.Throws<DeposedException>(first.MustBeNewest);
        Assert.Equal("run", ClusterFile.TakeOver(folder).Run!.Id);
    }

    [Fact]
    public async Task Nodes_that_ask_at_once_agree_on_the_storages_name_and_other_storage_has_another()
    {
        string[] names = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => ClusterFile.StorageId(folder))));

        Assert.Single(names.Distinct());
        Assert.NotEqual(names[0], ClusterFile.StorageId(Path.Combine(folder, "other")));
    }

    [Fact]
    public void A_damaged_file_is_named()
    {
        File.WriteAllText(Path.Combine(folder, "cluster.json"), "{");

        Assert.StartsWith(folder, Assert.Throws<UserError>(() => ClusterFile.TakeOver(folder)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
