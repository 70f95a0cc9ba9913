using DistTrain.Data;
using DistTrain.Tensors;

namespace DistTrain.Cli;

/// <summary>Raw input from a file or standard input.</summary>
internal static class SampleLines
{
    /// <param name="path">A file or folder, or - for standard input.</param>
    /// <param name="standardInput">Read for -.</param>
    /// <param name="input">What the model takes; null: numbers, a sample a line.</param>
    /// <param name="shape">Of a sample.</param>
    /// <exception cref="UserError">It isn't there, or isn't what the model takes.</exception>
    public static IDataSource Read(string path, TextReader standardInput, InputFormat? input, Shape shape)
    {
        if (path == "-")
        {
            return input?.Read(standardInput, "standard input") ?? NumberLines.Read(standardInput, "standard input", shape);
        }

        if (!Path.Exists(path))
        {
            throw new UserError($"--input: found {path}, which is no file; allowed: a file, or -");
        }

        if (input is not null)
        {
            return input.ReadFile(path);
        }

        using StreamReader reader = File.OpenText(path);
        return NumberLines.Read(reader, path, shape);
    }
}
