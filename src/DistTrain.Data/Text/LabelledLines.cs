using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Lines of text and the class of each: from one file with tabs, or from several files, one a class.</summary>
/// <param name="Lines">Blank ones left out.</param>
/// <param name="Classes">One a line.</param>
/// <param name="ClassNames">By class index.</param>
internal sealed record LabelledLines(List<string> Lines, List<int> Classes, IReadOnlyList<string> ClassNames)
{
    private const int LabelsMax = 1 << 16;

    /// <param name="path">A file with tabs; a folder, or a path whose last part has a *, with a file a class.</param>
    /// <param name="labelLast">The label stands behind the last tab.</param>
    /// <param name="classNames">The classes that are allowed, or null: all that are there, in ordinal order.</param>
    /// <exception cref="UserError">Nothing there, a line without tab, or a class that isn't allowed.</exception>
    public static LabelledLines Open(string path, bool labelLast, IReadOnlyList<string>? classNames)
    {
        bool isPattern = Path.GetFileName(path).Contains('*', StringComparison.Ordinal);
        string folder = isPattern ? Path.GetDirectoryName(path) ?? "." : path;
        return isPattern || Directory.Exists(path)
            ? OfFiles(path, folder, isPattern ? Path.GetFileName(path) : "*", classNames)
            : OfTabs(path, labelLast, classNames);
    }

    private static LabelledLines OfFiles(string path, string folder, string pattern, IReadOnlyList<string>? classNames)
    {
        string[] files = !Directory.Exists(folder) ? [] : [.. Directory.GetFiles(folder, pattern).Order(StringComparer.Ordinal)];
        if (files.Length < 2)
        {
            throw new UserError($"{path}: found {files.Length} files; allowed: at least 2, one a class");
        }

        // rt-polarity.neg and rt-polarity.pos are neg and pos; good.txt and bad.txt are good and bad.
        bool sameStem = files.Select(Path.GetFileNameWithoutExtension).Distinct().Count() == 1;
        string[] names = [.. files.Select(file => sameStem ? Path.GetExtension(file).TrimStart('.') : Path.GetFileNameWithoutExtension(file))];
        if (names.Distinct().Count() < names.Length)
        {
            names = [.. files.Select(file => Path.GetFileName(file)!)];
        }

        var lines = new List<string>();
        var classes = new List<int>();
        for (int i = 0; i < files.Length; i++)
        {
            int which = classNames is null ? i : IndexOf(classNames, names[i], files[i]);
            int before = lines.Count;
            lines.AddRange(TextContent.Read(files[i]).Split('\n').Where(line => !string.IsNullOrWhiteSpace(line)));
            classes.AddRange(Enumerable.Repeat(which, lines.Count - before));
            if (lines.Count == before)
            {
                throw new UserError($"{files[i]}: has no line; allowed: at least one text a class");
            }
        }

        return new LabelledLines(lines, classes, classNames ?? names);
    }

    private static LabelledLines OfTabs(string path, bool labelLast, IReadOnlyList<string>? classNames)
    {
        string[] all = TextContent.Read(path).Split('\n');
        var lines = new List<string>();
        var labels = new List<string>();
        for (int i = 0; i < all.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(all[i]))
            {
                continue;
            }

            int tab = labelLast ? all[i].LastIndexOf('\t') : all[i].IndexOf('\t', StringComparison.Ordinal);
            (string label, string text) = tab < 0 ? ("", "") : labelLast ? (all[i][(tab + 1)..], all[i][..tab]) : (all[i][..tab], all[i][(tab + 1)..]);
            if (string.IsNullOrWhiteSpace(label) || string.IsNullOrWhiteSpace(text))
            {
                throw new UserError($"{path}:{i + 1}:{Math.Max(tab, 0) + 1}: found {(tab < 0 ? "no tab" : "an empty label or text")}; allowed: {(labelLast ? "text, a tab, label" : "label, a tab, text")}");
            }

            string trimmed = label.Trim();
            if (classNames is not null)
            {
                _ = IndexOf(classNames, trimmed, $"{path}:{i + 1}:{(labelLast ? tab + 2 : 1)}");
            }

            lines.Add(text);
            labels.Add(trimmed);
        }

        classNames ??= [.. labels.Distinct().Order(StringComparer.Ordinal)];
        if (classNames.Count is 0 or > LabelsMax)
        {
            throw new UserError($"{path}: found {classNames.Count} different labels; allowed: 1 to {LabelsMax}");
        }

        var indices = classNames.Select((name, index) => (name, index)).ToDictionary(pair => pair.name, pair => pair.index, StringComparer.Ordinal);
        return new LabelledLines(lines, labels.ConvertAll(label => indices[label]), classNames);
    }

    private static int IndexOf(IReadOnlyList<string> classNames, string name, string place)
    {
        for (int i = 0; i < classNames.Count; i++)
        {
            if (classNames[i] == name)
            {
                return i;
            }
        }

        throw new UserError($"{place}: found the class \"{name}\"; allowed: {string.Join(", ", classNames.Take(20))}{(classNames.Count > 20 ? ", ..." : "")}");
    }
}
