using System.CommandLine;
using System.Text.Json.Nodes;
using DistTrain.Data;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cli;

internal static class EvaluateCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("evaluate", "Loss and metric of a model over a set.");
        Argument<string> model = ModelOptions.Model();
        Option<string?> data = ModelOptions.Data(), part = ModelOptions.Part(), threads = ModelOptions.Threads();
        Option<bool> json = ModelOptions.Json();
        command.Add(model);
        command.Add(data);
        command.Add(part);
        command.Add(threads);
        command.Add(json);
        command.SetAction(parsed =>
        {
            ModelArgument found = ModelArgument.Open(parsed.GetRequiredValue(model), terminal);
            IDataSource source = DataArgument.Part(found.Data(parsed.GetValue(data), terminal), parsed.GetValue(part), out string chosen);
            using var pool = new ForkJoinPool(Whole.Number("--threads", parsed.GetValue(threads), 1, 1024) ?? Environment.ProcessorCount);
            EvaluationResult result = found.Model.Evaluate(source, pool);
            terminal.Output.WriteLine(parsed.GetValue(json)
                ? Json(found.Model, source, chosen, result)
                : $"{chosen} part of {source.Name}: {Wording.Of(result)} ({Wording.Count(result.Samples)} samples)");
            return ExitCode.Done;
        });
        return command;
    }

    private static string Json(Model model, IDataSource source, string part, EvaluationResult result) => JsonLine.Of(new JsonObject
    {
        ["event"] = "evaluation",
        ["data"] = source.Name,
        ["part"] = part,
        ["samples"] = result.Samples,
        ["loss"] = JsonLine.Number(result.Loss),
        [result.MetricName == "accuracy" ? "accuracy" : "mean_absolute_error"] = JsonLine.Number(result.Metric),
        ["weights_sha256"] = model.WeightsSha256,
    });
}
