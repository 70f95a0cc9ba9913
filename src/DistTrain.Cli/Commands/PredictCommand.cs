using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using DistTrain.Data;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cli;

internal static class PredictCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("predict", "What a model says about samples: the likeliest class with its probability, or numbers; a line each.");
        Argument<string> model = ModelOptions.Model();
        Option<string?> data = ModelOptions.Data(), part = ModelOptions.Part();
        var input = new Option<string?>("--input") { Description = "Raw input as the model takes it: rows of its table, lines of text, a picture; else a text file with a sample a line (a JSON array, or numbers between commas or blanks). - is standard input.", HelpName = "FILE|-" };
        var limit = new Option<string?>("--limit") { Description = "Only the first so many.", HelpName = "N" };
        Option<bool> json = ModelOptions.Json();
        command.Add(model);
        command.Add(data);
        command.Add(part);
        command.Add(input);
        command.Add(limit);
        command.Add(json);
        var generation = new GenerationArguments();
        generation.AddTo(command);
        var pictures = new PictureArguments();
        pictures.AddTo(command);
        command.SetAction(parsed =>
        {
            ModelArgument found = ModelArgument.Open(parsed.GetRequiredValue(model), terminal);
            if (generation.Samples(parsed, found.Model) is { } samples)
            {
                if (!pictures.TryWrite(parsed, found.Model, samples, null, terminal.Output))
                {
                    Write(found.Model, samples, null, parsed.GetValue(json), terminal.Output);
                }

                return ExitCode.Done;
            }

            if (generation.TryWrite(parsed, found.Model, terminal.Output))
            {
                return ExitCode.Done;
            }

            IDataSource source = Source(found, parsed.GetValue(data), parsed.GetValue(part), parsed.GetValue(input), terminal);
            if (Whole.Number("--limit", parsed.GetValue(limit), 1, int.MaxValue) is { } first)
            {
                source = Splits.First(source, first);
            }

            float[] predictions = found.Model.Predict(source);
            if (!pictures.TryWrite(parsed, found.Model, predictions, source, terminal.Output))
            {
                Write(found.Model, predictions, source, parsed.GetValue(json), terminal.Output);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static IDataSource Source(ModelArgument found, string? data, string? part, string? input, Terminal terminal)
    {
        if (input is null)
        {
            return DataArgument.Part(found.Data(data, terminal), part, out _);
        }

        return data is not null ? throw new UserError("--input: found beside --data; allowed: one of the two")
            : SampleLines.Read(input, terminal.Input, found.Model.Input, found.Model.Graph.Inputs[0].Shape);
    }

    /// <param name="model">Whose predictions they are.</param>
    /// <param name="predictions">One after the other.</param>
    /// <param name="source">What was predicted from; null: from normal numbers.</param>
    /// <param name="json">A JSON object a line.</param>
    /// <param name="output">Gets the lines.</param>
    private static void Write(Model model, float[] predictions, IDataSource? source, bool json, TextWriter output)
    {
        int outputs = model.OutputShape.Length, count = predictions.Length / outputs;
        bool isClass = model.Graph.Loss is Graph.SparseCategoricalCrossentropy;
        float[] target = new float[source?.Target.Length ?? 0];
        float[] features = new float[source?.SampleShape.Length ?? 0];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> values = predictions.AsSpan(i * outputs, outputs);
            int? likeliest = isClass ? Largest(values) : null;
            if (target.Length > 0)
            {
                source!.Read(i, features, target);
            }

            float? expected = target.Length != 1 ? null : model.Input?.TargetScaling?.Undo(target[0]) ?? target[0];
            output.WriteLine(json ? Json(i, values, likeliest, expected, model) : Text(i, values, likeliest, expected, model));
        }
    }

    private static string Json(int index, ReadOnlySpan<float> values, int? likeliest, float? expected, Model model)
    {
        var line = new JsonObject { ["index"] = index };
        if (likeliest is { } which)
        {
            line["class"] = which;
            if (model.ClassNames is { } names)
            {
                line["name"] = names[which];
            }
        }

        line[likeliest is null ? "values" : "probabilities"] = JsonLine.Numbers(values);
        if (expected is { } right)
        {
            line["expected"] = right;
        }

        return JsonLine.Of(line);
    }

    private static string Text(int index, ReadOnlySpan<float> values, int? likeliest, float? expected, Model model)
    {
        if (likeliest is not { } which)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{index}\t{string.Join(' ', values.ToArray().Select(value => value.ToString("G6", CultureInfo.InvariantCulture)))}");
        }

        string right = expected is { } known && (int)known != which ? $"\tis {Name((int)known, model)}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{index}\t{Name(which, model)}\t{values[which]:0.0000}{right}");
    }

    private static string Name(int which, Model model) => model.ClassNames?[which] ?? which.ToString(CultureInfo.InvariantCulture);

    private static int Largest(ReadOnlySpan<float> values)
    {
        int largest = 0;
        for (int i = 1; i < values.Length; i++)
        {
            largest = values[i] > values[largest] ? i : largest;
        }

        return largest;
    }
}
