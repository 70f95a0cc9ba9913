using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>CIFAR-10 in its binary version: records of a label byte and 32 x 32 bytes each of red, green and blue; plain or gzip.</summary>
public static class CifarSet
{
    private const int Side = 32;
    private const int Plane = Side * Side;
    private const int Channels = 3;
    private const int Record = 1 + (Channels * Plane);
    private const int Classes = 10;

    /// <summary>
    /// A folder with data_batch_*.bin, in the order of their names, and test_batch.bin (each plain or .gz), or one such file. Class
    /// names come from batches.meta.txt beside them, where it is there. Pixels become (height, width, channel). The order within a
    /// file is kept as it is: some copies of the set have another one than Toronto's.
    /// </summary>
    /// <exception cref="UserError">Nothing is there, a file is no whole number of records, or a label is above 9.</exception>
    public static Splits Open(string path)
    {
        bool isFolder = Directory.Exists(path);
        string[] train = isFolder ? Files(path, "data_batch") : [path];
        string[] test = isFolder ? Files(path, "test_batch") : [];
        if (train.Length == 0)
        {
            throw new UserError($"{path}: no data found; expected data_batch_1.bin and others (plain or .gz)");
        }

        string names = Path.Combine(isFolder ? path : Path.GetDirectoryName(path) ?? ".", "batches.meta.txt");
        string[]? classNames = File.Exists(names) ? [.. TextContent.Read(names).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)] : null;
        var target = TargetDescription.ForClasses(Classes, classNames?.Length == Classes ? classNames : null);
        return new Splits(Read(path, train, target), Test: test.Length == 0 ? null : Read(path, test, target))
        {
            Input = new PictureInput(Side, Side, Channels, target.ClassNames),
        };
    }

    /// <summary>Whether a folder or file is called as the set's are.</summary>
    public static bool IsOne(string path) => Directory.Exists(path)
        ? Files(path, "data_batch").Length > 0
        : path.EndsWith(".bin", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".bin.gz", StringComparison.OrdinalIgnoreCase);

    private static string[] Files(string folder, string prefix) =>
    [
        .. Directory.GetFiles(folder, prefix + "*").Where(file => !Directory.Exists(file) && (file.EndsWith(".bin", StringComparison.Ordinal) || file.EndsWith(".bin.gz", StringComparison.Ordinal)))
            .Order(StringComparer.Ordinal),
    ];

    private static PixelSource Read(string name, string[] files, TargetDescription target)
    {
        var pixels = new RecordStore.Builder(name, Channels * Plane);
        var labels = new List<byte>();
        byte[] record = new byte[Record], picture = new byte[Channels * Plane];
        foreach (string file in files)
        {
            _ = GuardedFile.Use(file, () =>
            {
                using Stream content = PackedFile.OpenContent(file, out _);
                int read, before = labels.Count;
                while ((read = content.ReadAtLeast(record, Record, throwOnEndOfStream: false)) == Record)
                {
                    if (record[0] >= Classes)
                    {
                        throw new UserError($"{file}: label {labels.Count - before} is {record[0]}, allowed 0 to {Classes - 1} (is it CIFAR-10?)");
                    }

                    labels.Add(record[0]);
                    for (int i = 0; i < picture.Length; i++)
                    {
                        picture[i] = record[1 + (i % Channels * Plane) + (i / Channels)];
                    }

                    pixels.Add(picture);
                }

                return read == 0 && labels.Count > before
                    ? 0
                    : throw new UserError($"{file}: {(labels.Count == before && read == 0 ? "empty file" : "cut short")}: found {labels.Count - before} records of {Record} bytes and {read} bytes more");
            });
        }

        return new PixelSource(name, new Shape(Side, Side, Channels), pixels.Build(), target, [.. labels]);
    }
}
