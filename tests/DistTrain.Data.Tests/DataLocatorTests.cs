using DistTrain.Tensors;

namespace DistTrain.Data.Tests;

public sealed class DataLocatorTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_folder_gives_its_training_and_test_parts()
    {
        folder.Write("train-images-idx3-ubyte.gz", IdxBytes.Gzip(IdxBytes.Images(3)));
        folder.Write("train-labels.idx1-ubyte", IdxBytes.Labels(4, 1, 0));
        folder.Write("t10k-images-idx3-ubyte", IdxBytes.Images(2));
        folder.Write("t10k-labels-idx1-ubyte", IdxBytes.Labels(1, 0));
        Splits splits = DataLocator.Open(folder.FullPath);
        Assert.Equal(3, splits.Train.Count);
        Assert.Null(splits.Validation);
        Assert.Equal(2, splits.Test!.Count);
        Assert.Equal(5, splits.Test.Target.Classes);
    }

    [Fact]
    public void A_file_of_images_finds_its_labels()
    {
        string images = folder.Write("train-images-idx3-ubyte", IdxBytes.Images(3));
        UserError error = Assert.Throws<UserError>(() => DataLocator.Open(images));
        Assert.Equal($"{images}: its labels are missing; expected {folder.File("train-labels-idx1-ubyte")} (plain or .gz).", error.Message);

        string labels = folder.Write("train-labels-idx1-ubyte.gz", IdxBytes.Gzip(IdxBytes.Labels(0, 1, 0)));
        Assert.Equal(2, DataLocator.Open(images).Train.Target.Classes);
        Assert.Null(DataLocator.Open(images).Test);
        Assert.Contains("holds labels", Assert.Throws<UserError>(() => DataLocator.Open(labels)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_missing_in_a_folder_is_named()
    {
        Assert.Contains("no data found; expected train-images", Message(folder.FullPath), StringComparison.Ordinal);
        folder.Write("train-images-idx3-ubyte", IdxBytes.Images(1));
        Assert.Equal(
            $"{folder.FullPath}: train-images-idx3-ubyte is there but train-labels-idx1-ubyte (plain or .gz) is missing.",
            Message(folder.FullPath));
    }

    [Fact]
    public void Test_images_of_another_shape_and_unknown_test_classes_are_refused()
    {
        folder.Write("train-images-idx3-ubyte", IdxBytes.Images(1));
        folder.Write("train-labels-idx1-ubyte", IdxBytes.Labels(0));
        folder.Write("t10k-images-idx3-ubyte", IdxBytes.Create([1, 3, 2], new byte[6]));
        folder.Write("t10k-labels-idx1-ubyte", IdxBytes.Labels(0));
        Assert.Contains("test images have shape (3, 2, 1), training images (2, 3, 1)", Message(folder.FullPath), StringComparison.Ordinal);
        folder.Write("t10k-labels-idx1-ubyte", IdxBytes.Labels(1));
        Assert.Contains("label 0 is 1, allowed 0 to 0", Message(folder.FullPath), StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_to_nothing_and_an_unknown_format_are_refused()
    {
        Assert.Equal($"{folder.File("x")}: no such file or folder.", Message(folder.File("x")));
        Assert.Contains("format not known", Message(folder.Write("x", [1, 2, 3, 4, 5])), StringComparison.Ordinal);
        Assert.Contains("format not known", Message(folder.Write("x", [0x1F, 0x8B, 3])), StringComparison.Ordinal);
    }

    private static string Message(string path) => Assert.Throws<UserError>(() => DataLocator.Open(path)).Message;
}
