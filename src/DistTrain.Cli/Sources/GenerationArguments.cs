using System.CommandLine;
using System.Globalization;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>The options of predict that make a model of text write, and a generator make samples.</summary>
internal sealed class GenerationArguments
{
    private const int TokensMax = 10_000_000;

    private readonly Option<string?> generate = new("--generate") { Description = "A model of text writes so many tokens (of a character model: characters) that follow the prompt; the generator of a GAN makes so many samples.", HelpName = "N" };
    private readonly Option<string?> prompt = new("--prompt") { Description = "With --generate: how the text begins. Default: a line's end, or a blank.", HelpName = "TEXT" };
    private readonly Option<string?> temperature = new("--temperature") { Description = "With --generate: below 1 likely tokens gain, above 1 unlikely ones; 0 always takes the likeliest. Default: 1.", HelpName = "X" };
    private readonly Option<string?> topK = new("--top-k") { Description = "With --generate: draw among the so many likeliest tokens alone. Default: all.", HelpName = "K" };
    private readonly Option<string?> seed = new("--seed") { Description = "With --generate: the same seed gives the same text or samples. Default: 1.", HelpName = "N" };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { generate, prompt, temperature, topK, seed })
        {
            command.Add(option);
        }
    }

    /// <summary>The samples that a generator makes, if --generate was given and the model is one; else null.</summary>
    /// <exception cref="UserError">A value is out of range, or an option of text was given.</exception>
    public float[]? Samples(ParseResult parsed, Model model)
    {
        if (Count(parsed) is not { } count || model.Input is not null || model.Graph.Inputs[0].Shape.Rank != 1)
        {
            return null;
        }

        foreach (Option<string?> option in new[] { prompt, temperature, topK })
        {
            if (parsed.GetValue(option) is not null)
            {
                throw new UserError($"{option.Name}: found with a model that makes samples; allowed: with a model of text");
            }
        }

        return model.Generate(count, Seed(parsed));
    }

    /// <summary>Writes prompt and text if --generate was given.</summary>
    /// <exception cref="UserError">A value is out of range, or the model is none of text.</exception>
    public bool TryWrite(ParseResult parsed, Model model, TextWriter output)
    {
        if (Count(parsed) is not { } count)
        {
            foreach (Option<string?> option in new[] { prompt, temperature, topK, seed })
            {
                if (parsed.GetValue(option) is not null)
                {
                    throw new UserError($"{option.Name}: found without --generate; allowed: beside it");
                }
            }

            return false;
        }

        var generator = new TextGenerator(model);
        string begin = parsed.GetValue(prompt) ?? Begin(generator);
        var options = new GenerationOptions
        {
            Temperature = Temperature(parsed.GetValue(temperature)),
            TopK = Whole.Number("--top-k", parsed.GetValue(topK), 1, int.MaxValue),
            Seed = Seed(parsed),
        };
        // Refused before anything is written.
        IEnumerable<int> tokens = generator.Tokens(begin, count, options);
        output.Write(begin);
        foreach (int token in tokens)
        {
            output.Write(generator.Tokenizer.Decode([token]));
        }

        output.WriteLine();
        return true;
    }

    private int? Count(ParseResult parsed) => Whole.Number("--generate", parsed.GetValue(generate), 1, TokensMax);

    private ulong Seed(ParseResult parsed) => (ulong)(Whole.Number("--seed", parsed.GetValue(seed), 0, int.MaxValue) ?? 1);

    private static double Temperature(string? text) => text is null ? 1
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number is >= 0 and <= 1000 ? number
        : throw new UserError($"--temperature: found \"{text}\"; allowed: a number from 0 to 1000");

    /// <summary>What texts may begin with that the vocabulary has.</summary>
    private static string Begin(TextGenerator generator)
    {
        foreach (string begin in new[] { "\n", " ", "the" })
        {
            var ids = new List<int>();
            if (generator.Tokenizer.Encode(begin, ids) < 0 && ids.Count > 0)
            {
                return begin;
            }
        }

        throw new UserError("--prompt: missing; allowed: a text that the model's vocabulary has");
    }
}
