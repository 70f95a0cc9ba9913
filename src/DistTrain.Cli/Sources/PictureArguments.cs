using System.CommandLine;
using System.Globalization;
using DistTrain.Data;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>The option of predict that writes what a model makes as pictures.</summary>
internal sealed class PictureArguments
{
    /// <summary>More would be too small to see on a page.</summary>
    private const int ColumnsMax = 16;

    private readonly Option<string?> pictures = new("--pictures")
    {
        Description = "Predictions in 0..1 as pictures: one PNG of all, below samples of the same shape where there are some; or a folder with a PNG each.",
        HelpName = "FILE.png|FOLDER",
    };

    public void AddTo(Command command) => command.Add(pictures);

    /// <summary>Writes pictures if --pictures was given.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="model">Whose predictions they are.</param>
    /// <param name="predictions">One after the other.</param>
    /// <param name="source">What was predicted from; null: from normal numbers.</param>
    /// <param name="output">Is told what was written.</param>
    /// <exception cref="UserError">The predictions are no pictures, or the path can't be written.</exception>
    public bool TryWrite(ParseResult parsed, Model model, float[] predictions, IDataSource? source, TextWriter output)
    {
        if (parsed.GetValue(pictures) is not { } path)
        {
            return false;
        }

        Shape shape = model.OutputShape;
        bool likeSamples = source is { SampleShape: { Rank: 3 } sample } && sample.Length == shape.Length;
        shape = likeSamples ? source!.SampleShape : shape;
        int count = predictions.Length / shape.Length;
        try
        {
            if (!path.EndsWith(".png", StringComparison.OrdinalIgnoreCase))
            {
                PictureWriter.WriteEach(path, predictions, shape);
            }
            else if (likeSamples)
            {
                int columns = Math.Min(count, ColumnsMax);
                PictureWriter.WriteGrid(path, Alternating(predictions, source!, columns), shape, columns);
            }
            else
            {
                PictureWriter.WriteGrid(path, predictions, shape);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"--pictures: {path} can't be written: {e.Message}", e);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"pictures     {path} ({count:N0} of {shape[1]} x {shape[0]} pixels{(likeSamples ? ", each below its sample" : "")})"));
        return true;
    }

    /// <summary>A row of samples, a row of predictions; what is missing in the last row is black.</summary>
    private static float[] Alternating(float[] predictions, IDataSource source, int columns)
    {
        int length = source.SampleShape.Length, rows = (source.Count + columns - 1) / columns;
        float[] both = new float[checked(2 * rows * columns * length)];
        for (int i = 0; i < source.Count; i++)
        {
            int place = ((i / columns * 2 * columns) + (i % columns)) * length;
            source.Read(i, both.AsSpan(place, length), []);
            predictions.AsSpan(i * length, length).CopyTo(both.AsSpan(place + (columns * length)));
        }

        return both;
    }
}
