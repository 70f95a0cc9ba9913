using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>The sets known by name.</summary>
public static class DataCatalogue
{
    private const long ImagesTrainBytes = 16 + (60_000L * 28 * 28);
    private const long ImagesTestBytes = 16 + (10_000L * 28 * 28);
    private const long LabelsTrainBytes = 8 + 60_000L;
    private const long LabelsTestBytes = 8 + 10_000L;

    public static IReadOnlyList<CatalogueEntry> Entries { get; } =
    [
        new CatalogueEntry(DigitsSet.Name, "28x28 digits drawn from a seed, 10,000 + 2,000; nothing to fetch", 10, null, []),
        new CatalogueEntry("mnist", "28x28 handwritten digits, 60,000 + 10,000 (LeCun, Cortes, Burges)", 10, null, Files(
            ["https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"],
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2")),
        new CatalogueEntry(
            "fashion-mnist",
            "28x28 articles of clothing, 60,000 + 10,000 (Zalando, MIT licence)",
            10,
            ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
            Files(
                ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/", "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/"],
                "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34")),
        Local("cifar-10", "32x32 pictures of 10 kinds of things in colour (Krizhevsky)", "cifar-10"),
        Local("tinyshakespeare", "1,115,394 characters of Shakespeare's plays (MIT licence)", "text/tinyshakespeare.txt"),
        Local("rt-polarity", "5,331 + 5,331 sentences about films, for and against (Pang and Lee)", "text/rt-polarity.*"),
        Local("iris", "150 flowers of 3 kinds, 4 measures each (Fisher)", "tabular/iris.csv"),
        Local("wine-quality", "1,599 red wines with their quality, 11 measures each (Cortez et al.)", "tabular/winequality-red.csv"),
        Local("titanic", "891 passengers, who of them survived", "tabular/titanic-train.csv"),
        Local("california-housing", "20,640 districts with the median value of a house (Pace and Barry)", "tabular/california-housing.csv"),
        Local("airline-passengers", "144 months of airline passengers (Box and Jenkins)", "timeseries/airline-passengers.csv"),
        Local("daily-temperatures", "3,650 days' lowest temperature in Melbourne", "timeseries/daily-min-temperatures.csv"),
        Local("sp500", "5,105 days of the S&P 500 index", "timeseries/sp500-2000.csv"),
    ];

    /// <exception cref="UserError">No set has this name.</exception>
    public static CatalogueEntry Find(string name) =>
        Entries.FirstOrDefault(entry => string.Equals(entry.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new UserError($"data set '{name}' is not known; allowed: {string.Join(", ", Entries.Select(entry => entry.Name))}.");

    /// <summary>The folder that holds the set's training files, or the file itself for a set of one file; null when it is nowhere.</summary>
    public static string? Locate(CatalogueEntry entry, DataFolders folders) => entry.Location is null
        ? Candidates(entry, folders).FirstOrDefault(DataLocator.HasTrainingFiles)
        : Candidates(entry, folders).FirstOrDefault(IsThere);

    /// <summary>The path of a set that isn't fetched.</summary>
    /// <exception cref="UserError">It isn't there.</exception>
    public static string LocateFile(string name, DataFolders folders)
    {
        CatalogueEntry entry = Find(name);
        return Locate(entry, folders) ?? throw new UserError(
            $"data set {entry.Name} is not on this machine (looked for {string.Join(" and ", Candidates(entry, folders))}); put it there, and name the folder of sets in DISTTRAIN_DATA.");
    }

    /// <summary>Opens a set by name: a drawn one at once, another from the user's folder or else the cache.</summary>
    /// <exception cref="UserError">The name is not known, the set is in neither folder or only in part (a fetch was cut), or a file is malformed.</exception>
    public static Splits Open(string name, DataFolders folders)
    {
        CatalogueEntry entry = Find(name);
        if (entry.Name == DigitsSet.Name)
        {
            return DigitsSet.Open();
        }

        string folder = Locate(entry, folders) ?? throw new UserError(
            $"data set {entry.Name} is not on this machine (looked in {string.Join(" and ", Candidates(entry, folders))}); "
            + $"'disttrain data fetch {entry.Name}' downloads it, or put {string.Join(", ", entry.Files.Select(file => file.Name))} there.");
        Splits splits = DataLocator.OpenFolder(folder, entry.Classes, entry.ClassNames, entry.Name);
        return splits.Test is not null ? splits : throw new UserError(
            $"{folder}: data set {entry.Name} is incomplete, its test files (t10k-...) are missing; 'disttrain data fetch {entry.Name}' completes it.");
    }

    private static IEnumerable<string> Candidates(CatalogueEntry entry, DataFolders folders)
    {
        if (folders.Root is not null)
        {
            yield return Path.Combine(folders.Root, entry.Location ?? entry.Name);
        }

        yield return Path.Combine(folders.Cache, entry.Location ?? entry.Name);
    }

    private static bool IsThere(string path) => Path.GetFileName(path).Contains('*', StringComparison.Ordinal)
        ? Directory.Exists(Path.GetDirectoryName(path)) && Directory.EnumerateFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path)).Any()
        : Path.Exists(path);

    private static CatalogueEntry Local(string name, string description, string location) => new(name, description, 0, null, []) { Location = location };

    private static CatalogueFile[] Files(string[] mirrors, string trainImages, string trainLabels, string testImages, string testLabels)
    {
        CatalogueFile File(string name, long bytes, string sha256) =>
            new(name, bytes, sha256, [.. mirrors.Select(mirror => new Uri(mirror + name))]);
        return
        [
            File("train-images-idx3-ubyte.gz", ImagesTrainBytes, trainImages),
            File("train-labels-idx1-ubyte.gz", LabelsTrainBytes, trainLabels),
            File("t10k-images-idx3-ubyte.gz", ImagesTestBytes, testImages),
            File("t10k-labels-idx1-ubyte.gz", LabelsTestBytes, testLabels),
        ];
    }
}
