using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using DistTrain.Data;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cli;

internal static class EvaluateCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("evaluate", "Loss and metrics of a model over a set.");
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
            ForecastErrors? errors = ForecastErrors.Of(found.Model, source);
            if (parsed.GetValue(json))
            {
                terminal.Output.WriteLine(Json(found.Model, source, chosen, result, errors));
                return ExitCode.Done;
            }

            terminal.Output.WriteLine($"{chosen} part of {source.Name}: {Wording.Of(result)} ({Wording.Count(result.Samples)} samples)");
            foreach (string line in EvaluationText.Lines(result, found.Model.ClassNames))
            {
                terminal.Output.WriteLine(line);
            }

            if (errors is not null)
            {
                terminal.Output.WriteLine(errors.Text());
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static string Json(Model model, IDataSource source, string part, EvaluationResult result, ForecastErrors? errors)
    {
        var json = new JsonObject
        {
            ["event"] = "evaluation",
            ["data"] = source.Name,
            ["part"] = part,
            ["samples"] = result.Samples,
            ["loss"] = JsonLine.Number(result.Loss),
            [JsonNamingPolicy.SnakeCaseLower.ConvertName(result.MetricName)] = JsonLine.Number(result.Metric),
        };
        foreach (MetricValue metric in result.Metrics)
        {
            json[JsonNamingPolicy.SnakeCaseLower.ConvertName(metric.Name)] = JsonLine.Number(metric.Value);
        }

        if (result.Confusion is { } matrix)
        {
            json["confusion_matrix"] = new JsonArray([.. Enumerable.Range(0, matrix.Classes).Select(being =>
                (JsonNode)new JsonArray([.. Enumerable.Range(0, matrix.Classes).Select(called => JsonLine.Number(matrix[being, called]))]))]);
        }

        errors?.AddTo(json);
        json["weights_sha256"] = model.WeightsSha256;
        return JsonLine.Of(json);
    }
}
