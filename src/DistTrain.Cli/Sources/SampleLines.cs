using System.Globalization;
using DistTrain.Data;
using DistTrain.Tensors;

namespace DistTrain.Cli;

/// <summary>Samples as text, one a line; brackets, commas and blanks only separate, so JSON arrays of any depth and CSV both work.</summary>
internal static class SampleLines
{
    private static readonly char[] Separators = ['[', ']', ',', ';', ' ', '\t', '\r'];

    /// <param name="path">A file, or - for standard input.</param>
    /// <param name="standardInput">Read for -.</param>
    /// <param name="shape">Of a sample.</param>
    /// <exception cref="UserError">A line has another count of numbers, or something that is no number.</exception>
    public static IDataSource Read(string path, TextReader standardInput, Shape shape)
    {
        if (path != "-" && !File.Exists(path))
        {
            throw new UserError($"--input: found {path}, which is no file; allowed: a text file, or -");
        }

        using TextReader reader = path == "-" ? standardInput : File.OpenText(path);
        string name = path == "-" ? "standard input" : path;
        var features = new List<float>();
        int number = 0;
        while (reader.ReadLine() is { } line)
        {
            number++;
            string[] words = line.Split(Separators, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0)
            {
                continue;
            }

            if (words.Length != shape.Length)
            {
                throw new UserError($"{name}:{number}: found {words.Length} numbers; allowed: {shape.Length}, a sample of shape {shape}");
            }

            foreach (string word in words)
            {
                features.Add(float.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) && float.IsFinite(value)
                    ? value
                    : throw new UserError($"{name}:{number}: found \"{word}\"; allowed: a number"));
            }
        }

        return features.Count > 0
            ? Dataset.FromArrays([.. features], shape)
            : throw new UserError($"{name}: holds no sample; allowed: {shape.Length} numbers a line");
    }
}
