using System.Globalization;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Samples as text, one a line; brackets, commas and blanks only separate, so JSON arrays of any depth and CSV both work.</summary>
public static class NumberLines
{
    private static readonly char[] Separators = ['[', ']', ',', ';', ' ', '\t', '\r'];

    /// <param name="text">Read to its end.</param>
    /// <param name="name">How errors name it.</param>
    /// <param name="shape">Of a sample.</param>
    /// <exception cref="UserError">A line has another count of numbers, or something that is no number.</exception>
    public static IDataSource Read(TextReader text, string name, Shape shape)
    {
        ArgumentNullException.ThrowIfNull(text);
        var features = new List<float>();
        int number = 0;
        while (text.ReadLine() is { } line)
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
