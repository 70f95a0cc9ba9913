using System.Text.RegularExpressions;

namespace DistTrain.Repository.Tests;

/// <summary>docs/mission.md says of each thing how it is shown: by a command that is there, or "not yet".</summary>
public partial class MissionTests
{
    private const string Page = "docs/mission.md";

    private static readonly string[] Things =
    [
        "neuron", "layers", "weights and biases", "sigmoid, tanh, ReLU, softmax", "mean squared error", "cross-entropy", "forward pass", "back-propagation by hand",
        "gradient descent", "stochastic and mini-batch", "momentum", "AdaGrad", "RMSProp", "Adam", "linear regression", "multi-layer perceptron", "NumPy network",
        "28 x 28 x 3", "max-pooling", "average-pooling", "Keras CNN with compile, fit and evaluate", "RNN, LSTM", "load, clean, normalise, standardise",
        "split, train, validate, test", "weight initialisation", "target loss or step count", "L1 and L2", "dropout", "augmentation", "early stopping", "transformers",
        "GANs", "image recognition", "detection", "segmentation", "text classification", "text generation", "translation", "summarisation", "question answering",
        "speech", "recommendation", "time series", "stock prices", "medical", "fraud", "risk", "interpretability", "adversarial attacks", "smaller models",
    ];

    private static readonly string[] Commands = ["train", "predict", "evaluate", "summary", "data", "inspect", "simulate", "bench"];

    [Fact]
    public void Everything_that_introductions_describe_has_a_row()
    {
        string names = string.Join('\n', Rows().Select(row => row.Cells[0]));
        Findings.MustBeNone(Things.Where(thing => !names.Contains(thing, StringComparison.Ordinal)), $"{Page} has no row for these.");
    }

    [Fact]
    public void Every_row_is_shown_by_commands_that_are_there_or_says_not_yet()
    {
        var wrong = new List<string>();
        foreach ((TextFile file, int line, string[] cells) in Rows())
        {
            if (cells.Length != 3)
            {
                wrong.Add(file.Finding(line, $"{cells.Length} cells; 3 are needed"));
            }
            else if (cells[1] != "not yet")
            {
                string[] commands = [.. Command().Matches(cells[1]).Select(match => match.Groups["command"].Value)];
                wrong.AddRange(commands.Select(Problem).OfType<string>().Select(problem => file.Finding(line, problem)));
                if (commands.Length == 0 || cells[2].Length == 0)
                {
                    wrong.Add(file.Finding(line, commands.Length == 0 ? "no command" : "no figure"));
                }
            }
        }

        Findings.MustBeNone(wrong, "A row of the mission names a command with its figure, or says not yet.");
    }

    private static IEnumerable<(TextFile File, int Line, string[] Cells)> Rows()
    {
        var file = new TextFile(Page);
        for (int i = 0; i < file.Lines.Count; i++)
        {
            if (file.Lines[i].StartsWith("| ", StringComparison.Ordinal) && !file.Lines[i].StartsWith("| what |", StringComparison.Ordinal))
            {
                yield return (file, i, [.. file.Lines[i].Trim().Trim('|').Split('|').Select(cell => cell.Trim())]);
            }
        }
    }

    private static string? Problem(string command)
    {
        string[] words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string? missing = words.FirstOrDefault(word => word.StartsWith("examples/", StringComparison.Ordinal) && !Checkout.Exists(word));
        return missing is not null ? $"{command}: no {missing}"
            : words is ["dotnet", "test", "--filter", string name] ? TestProblem(name)
            : words is ["dotnet", "run", _] || (words is ["disttrain", string known, ..] && Commands.Contains(known)) ? null
            : $"{command}: no command of this repository";
    }

    private static string? TestProblem(string name) =>
        Checkout.Sources().Any(file => file.Path.StartsWith("tests/", StringComparison.Ordinal) && file.Name == name + ".cs") ? null : $"no tests are called {name}";

    [GeneratedRegex("`(?<command>(?:disttrain|dotnet) [^`]+)`")]
    private static partial Regex Command();
}
