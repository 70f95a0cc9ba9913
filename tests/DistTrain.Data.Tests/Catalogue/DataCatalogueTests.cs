using DistTrain.Tensors;
using DistTrain.TestKit;

namespace DistTrain.Data.Tests;

public sealed class DataCatalogueTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_unknown_name_is_answered_with_the_known_ones() =>
        Assert.StartsWith(
            "data set 'mnits' is not known; allowed: digits, mnist, fashion-mnist, ",
            Assert.Throws<UserError>(() => DataCatalogue.Open("mnits", new DataFolders(null, folder.FullPath))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_set_that_is_nowhere_names_both_folders_and_the_way_to_get_it()
    {
        var folders = new DataFolders(folder.File("root"), folder.File("cache"));
        string message = Assert.Throws<UserError>(() => DataCatalogue.Open("mnist", folders)).Message;
        Assert.Contains(Path.Combine(folder.File("root"), "mnist"), message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(folder.File("cache"), "mnist"), message, StringComparison.Ordinal);
        Assert.Contains("'disttrain data fetch mnist'", message, StringComparison.Ordinal);
        Assert.Contains("train-images-idx3-ubyte.gz", message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_user_s_folder_comes_before_the_cache()
    {
        var folders = new DataFolders(folder.File("root"), folder.File("cache"));
        WriteSet(folders.Cache, 1);
        Assert.Equal(1, DataCatalogue.Open("mnist", folders).Train.Count);
        WriteSet(folders.Root!, 2);
        Splits splits = DataCatalogue.Open("MNIST", folders);
        Assert.Equal(2, splits.Train.Count);
        Assert.Equal("mnist", splits.Train.Name);
        Assert.Equal(10, splits.Train.Target.Classes);
    }

    [Fact]
    public void A_set_whose_fetch_was_cut_is_not_taken_for_whole()
    {
        var folders = new DataFolders(null, folder.FullPath);
        WriteSet(folders.Cache, 1);
        File.Delete(Path.Combine(folders.Cache, "mnist", "t10k-images-idx3-ubyte"));
        File.Delete(Path.Combine(folders.Cache, "mnist", "t10k-labels-idx1-ubyte"));
        Assert.Contains(
            "data set mnist is incomplete",
            Assert.Throws<UserError>(() => DataCatalogue.Open("mnist", folders)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_built_in_set_needs_no_folder() =>
        Assert.Equal(DigitsSet.TrainCount, DataCatalogue.Open("digits", new DataFolders(null, folder.File("none"))).Train.Count);

    [SkippableTheory]
    [InlineData("mnist", 5)]
    [InlineData("fashion-mnist", 9)]
    public async Task The_real_set_has_the_catalogued_content(string name, int firstLabel)
    {
        string? set = RealData.Folder(name);
        Skip.If(set is null, RealData.Missing(name));
        foreach (CatalogueFile file in DataCatalogue.Find(name).Files)
        {
            Assert.Null(await ContentCheck.FindFaultAsync(Path.Combine(set!, file.Name), file, CancellationToken.None));
        }

        Splits splits = DataCatalogue.Open(name, new DataFolders(Path.GetDirectoryName(set), folder.FullPath));
        Assert.Equal(60_000, splits.Train.Count);
        Assert.Equal(10_000, splits.Test!.Count);
        Assert.Equal(new Shape(28, 28, 1), splits.Train.SampleShape);
        float[] label = new float[1];
        float[] features = new float[784];
        splits.Train.Read(0, features, label);
        Assert.Equal(firstLabel, label[0]);
        Assert.Equal(1f, features.Max());
    }

    private static void WriteSet(string root, int count)
    {
        string set = Directory.CreateDirectory(Path.Combine(root, "mnist")).FullName;
        foreach (string part in new[] { "train", "t10k" })
        {
            File.WriteAllBytes(Path.Combine(set, part + "-images-idx3-ubyte"), IdxBytes.Images(count));
            File.WriteAllBytes(Path.Combine(set, part + "-labels-idx1-ubyte"), IdxBytes.Labels(new byte[count]));
        }
    }
}
