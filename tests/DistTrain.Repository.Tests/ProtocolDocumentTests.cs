using System.Text.RegularExpressions;

namespace DistTrain.Repository.Tests;

/// <summary>docs/PROTOCOL.md names every message there is, and only tests that exist.</summary>
public partial class ProtocolDocumentTests
{
    private static readonly TextFile Document = new("docs/PROTOCOL.md");

    [Fact]
    public void Every_message_has_its_row()
    {
        string codec = new TextFile("src/DistTrain.Protocol/Messages/MessageCodec.cs").Text;
        string[] kinds = [.. KindName().Matches(KindEnum().Match(codec).Value).Select(match => match.Groups["name"].Value)];
        string[] rows = [.. Table("## Messages").SelectMany(row => Quoted().Matches(row.Cells[0]).Select(match => match.Groups["name"].Value))];
        Assert.NotEmpty(kinds);
        Assert.Equal(kinds.Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_promise_names_a_test_that_exists()
    {
        (int Line, string[] Cells)[] promises = [.. Table("## Promises")];
        string code = string.Join('\n', Checkout.Files("tests", ".cs").Concat(Checkout.Files("src/DistTrain.Simulation", ".cs"))
            .Where(file => file.Name != "ProtocolDocumentTests.cs").Select(file => file.Text));
        Assert.NotEmpty(promises);
        Findings.MustBeNone(
            promises.SelectMany(row => Missing(row.Cells[^1], code).Select(name => Document.Finding(row.Line, name))),
            "A promise is held by a test class or method of this name.");
    }

    private static IEnumerable<string> Missing(string cell, string code)
    {
        string[] names = [.. Quoted().Matches(cell).Select(match => match.Groups["name"].Value)];
        return names.Length == 0
            ? ["no test"]
            : names.Where(name => !Regex.IsMatch(code, $@"\b(?:class|void|Task) {Regex.Escape(name.Split('.')[0])}\b"));
    }

    /// <summary>The rows of the first table after a heading that begins so, without its head.</summary>
    private static IEnumerable<(int Line, string[] Cells)> Table(string heading)
    {
        int line = Document.Lines.ToList().FindIndex(text => text.StartsWith(heading, StringComparison.Ordinal));
        Assert.True(line >= 0, $"{Document.Path} has no heading {heading}");
        for (; !Document.Lines[line].StartsWith("|---", StringComparison.Ordinal); line++)
        {
        }

        for (line++; line < Document.Lines.Count && Document.Lines[line].StartsWith('|'); line++)
        {
            yield return (line, Document.Lines[line].Trim('|').Split('|'));
        }
    }

    [GeneratedRegex(@"private enum Kind\s*\{[^}]*\}")]
    private static partial Regex KindEnum();

    [GeneratedRegex(@"(?<name>\w+) = \d+")]
    private static partial Regex KindName();

    [GeneratedRegex("`(?<name>[^`]+)`")]
    private static partial Regex Quoted();
}
