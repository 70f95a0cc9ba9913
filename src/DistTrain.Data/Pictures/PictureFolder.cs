using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>A folder of class folders of pictures.</summary>
public static class PictureFolder
{
    private const string TrainFolder = "train";
    private const string TestFolder = "test";

    /// <summary>
    /// Each folder is a class, called as it is, in ordinal order; so are their files. All pictures have one size; pictures of grey and
    /// colour together become colour. Where there are folders train and test (and nothing else), those hold the classes of the parts.
    /// </summary>
    /// <exception cref="UserError">A class is empty, a file is no picture, or sizes differ.</exception>
    public static Splits Open(string path)
    {
        string train = Path.Combine(path, TrainFolder), test = Path.Combine(path, TestFolder);
        bool hasParts = Directory.Exists(train) && Directory.Exists(test) && Directory.GetDirectories(path).Length == 2;
        IDataSource first = Read(hasParts ? train : path, null, null);
        return new Splits(first, Test: hasParts ? Read(test, first.Target.ClassNames, first.SampleShape) : null)
        {
            Input = new PictureInput(first.SampleShape[0], first.SampleShape[1], first.SampleShape[2], first.Target.ClassNames),
        };
    }

    /// <summary>Whether a folder looks like one of class folders.</summary>
    public static bool IsOne(string path) =>
        Directory.Exists(path) && Directory.GetDirectories(path) is { Length: > 0 } folders
        && folders.Any(folder => Directory.EnumerateFiles(folder).Concat(Directory.EnumerateDirectories(folder).SelectMany(Directory.EnumerateFiles)).Any(PictureFile.HasEnding));

    /// <param name="path">A folder of class folders.</param>
    /// <param name="classNames">The classes that are allowed; null: those that are there.</param>
    /// <param name="shape">That all pictures have; null: that of the first.</param>
    internal static IDataSource Read(string path, IReadOnlyList<string>? classNames, Shape? shape)
    {
        string[] folders = GuardedFile.Use(path, () => Directory.GetDirectories(path));
        Array.Sort(folders, StringComparer.Ordinal);
        if (folders.Length == 0)
        {
            throw new UserError($"{path}: has no folders; allowed: a folder of pictures a class");
        }

        var files = new List<(string File, byte Class)>();
        string[] names = [.. folders.Select(folder => Path.GetFileName(folder)!)];
        IReadOnlyList<string> known = classNames ?? names;
        if (known.Count > byte.MaxValue + 1)
        {
            throw new UserError($"{path}: has {known.Count} class folders; allowed: up to {byte.MaxValue + 1}");
        }

        for (int i = 0; i < folders.Length; i++)
        {
            int which = known.ToList().IndexOf(names[i]);
            string[] pictures = [.. Directory.GetFiles(folders[i]).Where(PictureFile.HasEnding).Order(StringComparer.Ordinal)];
            if (pictures.Length == 0 || which < 0)
            {
                throw new UserError(which < 0
                    ? $"{folders[i]}: found the class \"{names[i]}\"; allowed: {string.Join(", ", known)}"
                    : $"{folders[i]}: the class folder has no picture; allowed: at least one .png, .pgm or .ppm");
            }

            files.AddRange(pictures.Select(picture => (picture, (byte)which)));
        }

        return Read(path, files, TargetDescription.ForClasses(known.Count, known), shape);
    }

    /// <summary>Pictures of one size. Channels are those of the shape, or of the first picture with colour.</summary>
    internal static IDataSource Read(string name, List<(string File, byte Class)> files, TargetDescription target, Shape? shape)
    {
        Picture first = PictureFile.Read(files[0].File);
        int channels = shape?[2] ?? (files.Take(64).Any(file => PictureFile.Read(file.File).Channels == 3) ? 3 : 1);
        (int height, int width) = shape is { } wanted ? (wanted[0], wanted[1]) : (first.Height, first.Width);
        var store = new RecordStore.Builder(name, height * width * channels);
        foreach ((string file, _) in files)
        {
            Picture picture = PictureFile.Read(file);
            store.Add(picture.Height == height && picture.Width == width
                ? picture.WithChannels(channels).Pixels
                : throw new UserError($"{file}: found a picture of {picture.Width} x {picture.Height} pixels; allowed: {width} x {height}, as {(shape is null ? "the first has" : "the model takes")}"));
        }

        return new PixelSource(name, new Shape(height, width, channels), store.Build(), target, target.Kind == TargetKind.None ? null : [.. files.Select(file => file.Class)]);
    }
}
