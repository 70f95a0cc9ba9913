#:project ../../src/DistTrain.Hosting/DistTrain.Hosting.csproj
#:property PublishAot=false

// Of 4,000 characters that the model in folder "bard" (or the one named) writes: how many of the words stand in the plays, and how long the
// longest run of characters is that stands there too.
using System.Text.RegularExpressions;
using DistTrain.Training;

string plays = File.ReadAllText(Path.Combine(Environment.GetEnvironmentVariable("DISTTRAIN_DATA")!, "text", "tinyshakespeare.txt"));
HashSet<string> known = [.. Words(plays)];
var generator = new TextGenerator(Model.Load(args.Length > 0 ? args[0] : "bard"));
foreach ((double temperature, int? topK) in new (double, int?)[] { (0.5, 10), (1, null) })
{
    var options = new GenerationOptions { Temperature = temperature, TopK = topK };
    string text = string.Concat(generator.Tokens("ROMEO:", 4_000, options).Select(token => generator.Tokenizer.Decode([token])));
    string[] words = [.. Words(text)];
    Console.WriteLine($"temperature {temperature}: {100.0 * words.Count(known.Contains) / words.Length:F1} % of {words.Length} words, longest copy {LongestCopy(text)} characters");
}

int LongestCopy(string text)
{
    int longest = 0;
    for (int i = 0; i + longest < text.Length;)
    {
        if (plays.AsSpan().Contains(text.AsSpan(i, longest + 1), StringComparison.Ordinal))
        {
            longest++;
        }
        else
        {
            i++;
        }
    }

    return longest;
}

static IEnumerable<string> Words(string text) => Regex.Matches(text.ToLowerInvariant(), "[a-z']*[a-z][a-z']*").Select(match => match.Value);
