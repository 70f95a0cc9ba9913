using System.Text.RegularExpressions;

namespace DistTrain.Repository.Tests;

/// <summary>Documents that point somewhere must point at something.</summary>
public partial class DocumentTests
{
    [Fact]
    public void Links_between_files_resolve() =>
        Findings.MustBeNone(Checkout.Files("", ".md").SelectMany(BrokenLinks), "A link that leads nowhere.");

    [Fact]
    public void Paths_in_documents_exist() =>
        Findings.MustBeNone(
            Checkout.Files("", ".md").SelectMany(file => file.FindingsPerLine(line =>
                QuotedPath().Matches(line).Select(match => match.Groups["path"].Value).FirstOrDefault(path => !Checkout.Exists(path)))),
            "A document names a file of the repository that does not exist.");

    [Fact]
    public void Decisions_are_numbered_without_gaps()
    {
        string[] names = [.. Checkout.Files("docs/decisions", ".md").Select(file => file.Name).Where(name => name != "README.md").Order(StringComparer.Ordinal)];
        string[] wrong = [.. names.Where((name, i) => !Regex.IsMatch(name, $"^{i + 1:0000}-[a-z0-9-]+\\.md$"))];
        Findings.MustBeNone(wrong.Select(name => $"docs/decisions/{name}"), "Decisions are docs/decisions/0001-what-was-decided.md, 0002-..., each number once.");
    }

    private static IEnumerable<string> BrokenLinks(TextFile file)
    {
        bool code = false;
        for (int i = 0; i < file.Lines.Count; i++)
        {
            code ^= file.Lines[i].TrimStart().StartsWith("```", StringComparison.Ordinal);
            if (code)
            {
                continue;
            }

            foreach (Match match in Link().Matches(file.Lines[i]))
            {
                string[] parts = match.Groups["target"].Value.Split('#', 2);
                string target = parts[0].Length == 0 ? file.Path : Resolve(file.Folder, Uri.UnescapeDataString(parts[0]));
                if (!Checkout.Exists(target))
                {
                    yield return file.Finding(i, $"{match.Groups["target"].Value}: no {target}");
                }
                else if (parts.Length == 2 && target.EndsWith(".md", StringComparison.Ordinal) && !Anchors(target).Contains(parts[1]))
                {
                    yield return file.Finding(i, $"{match.Groups["target"].Value}: {target} has no heading #{parts[1]}");
                }
            }
        }
    }

    private static string Resolve(string folder, string target) =>
        Path.GetRelativePath(Checkout.Root, Path.GetFullPath(Path.Combine(Checkout.Root, folder, target))).Replace('\\', '/');

    /// <summary>Headings as the anchors that forges make of them: lower case, punctuation dropped, spaces to hyphens.</summary>
    private static HashSet<string> Anchors(string path) =>
        [.. new TextFile(path).Lines.Where(line => line.StartsWith('#'))
            .Select(line => Punctuation().Replace(line.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-'))];

    [GeneratedRegex(@"\[[^\]]*\]\((?!\w+:)(?<target>[^)\s]+)(?:\s+""[^""]*"")?\)")]
    private static partial Regex Link();

    /// <summary>`src/...` in backticks, without placeholders or wildcards.</summary>
    [GeneratedRegex(@"`(?<path>(?:src|tests|docs|examples|benchmarks|docker|cluster-config|\.ci|\.github)/[\w./\-]*[\w/])`")]
    private static partial Regex QuotedPath();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex Punctuation();
}
