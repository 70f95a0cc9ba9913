using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Finds out what a path holds and opens it.</summary>
public static class DataLocator
{
    private const string TrainPrefix = "train";
    private const string TestPrefix = "t10k";

    /// <summary>
    /// A folder with the classic IDX names (train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-...; each plain or .gz) gives a
    /// training part and, when its files are there, a test part. A file of IDX images gives a training part; its labels stand
    /// beside it under the same name with "images-idx3" replaced by "labels-idx1".
    /// </summary>
    /// <param name="path">Folder or file.</param>
    /// <param name="classes">Number of classes; 0 takes the largest training label + 1.</param>
    /// <param name="classNames">Names by class index, or null.</param>
    /// <exception cref="UserError">Nothing there, no known format, or a file is malformed.</exception>
    public static Splits Open(string path, int classes = 0, IReadOnlyList<string>? classNames = null)
    {
        if (Directory.Exists(path))
        {
            return OpenFolder(path, classes, classNames, path);
        }

        if (!File.Exists(path))
        {
            throw new UserError($"{path}: no such file or folder.");
        }

        switch (IdxFile.PeekRank(path))
        {
            case 0:
                throw new UserError($"{path}: format not known; allowed are IDX files of unsigned bytes (plain or .gz) and folders of them.");
            case 1 when Path.GetFileName(path).Contains("labels", StringComparison.Ordinal):
                throw new UserError($"{path}: holds labels; give the file of the images, or their folder.");
            default:
                return new Splits(IdxSource.Open(path, FindLabels(path), classes, classNames));
        }
    }

    /// <summary>True when the folder has a pair of training files, whatever their content.</summary>
    internal static bool HasTrainingFiles(string folder) =>
        Find(folder, TrainPrefix, "images", 3) is not null && Find(folder, TrainPrefix, "labels", 1) is not null;

    /// <summary>A folder of IDX files; its sources get the given name.</summary>
    internal static Splits OpenFolder(string folder, int classes, IReadOnlyList<string>? classNames, string name)
    {
        IDataSource train = OpenPair(folder, TrainPrefix, classes, classNames, name)
            ?? throw new UserError(
                $"{folder}: no data found; expected train-images-idx3-ubyte and train-labels-idx1-ubyte (plain or .gz).");
        IDataSource? test = OpenPair(folder, TestPrefix, train.Target.Classes, classNames, name);
        if (test is not null && test.SampleShape != train.SampleShape)
        {
            throw new UserError($"{folder}: test images have shape {test.SampleShape}, training images {train.SampleShape}.");
        }

        return new Splits(train, Test: test);
    }

    private static IDataSource? OpenPair(string folder, string prefix, int classes, IReadOnlyList<string>? classNames, string name)
    {
        string? images = Find(folder, prefix, "images", 3);
        string? labels = Find(folder, prefix, "labels", 1);
        if (images is null && labels is null)
        {
            return null;
        }

        if (images is null || labels is null)
        {
            string missing = images is null ? $"{prefix}-images-idx3-ubyte" : $"{prefix}-labels-idx1-ubyte";
            throw new UserError($"{folder}: {Path.GetFileName(images ?? labels)} is there but {missing} (plain or .gz) is missing.");
        }

        return IdxSource.Open(name, images, labels, classes, classNames);
    }

    /// <summary>The classic name or the one with a dot that some copies use; the plain file wins over the packed one.</summary>
    private static string? Find(string folder, string prefix, string what, int rank)
    {
        foreach (char separator in "-.")
        {
            foreach (string ending in new[] { "", ".gz" })
            {
                string path = Path.Combine(folder, $"{prefix}-{what}{separator}idx{rank}-ubyte{ending}");
                if (File.Exists(path))
                {
                    return path;
                }
            }
        }

        return null;
    }

    private static string FindLabels(string imagesPath)
    {
        string folder = Path.GetDirectoryName(imagesPath) ?? "";
        string name = Path.GetFileName(imagesPath);
        string labels = name.Replace("images", "labels", StringComparison.Ordinal).Replace("idx3", "idx1", StringComparison.Ordinal);
        string bare = labels.EndsWith(".gz", StringComparison.Ordinal) ? labels[..^3] : labels;
        if (labels != name)
        {
            foreach (string candidate in new[] { labels, bare, bare + ".gz" })
            {
                if (File.Exists(Path.Combine(folder, candidate)))
                {
                    return Path.Combine(folder, candidate);
                }
            }
        }

        throw new UserError(labels == name
            ? $"{imagesPath}: can't tell where its labels are; a file of images is called like train-images-idx3-ubyte."
            : $"{imagesPath}: its labels are missing; expected {Path.Combine(folder, bare)} (plain or .gz).");
    }
}
