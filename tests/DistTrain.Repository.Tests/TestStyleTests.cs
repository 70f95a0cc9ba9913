using System.Text.RegularExpressions;

namespace DistTrain.Repository.Tests;

/// <summary>Tests read as sentences and stand in XTests.cs.</summary>
public partial class TestStyleTests
{
    [Fact]
    public void Test_names_are_sentences() => Findings.MustBeNone(TestFiles().SelectMany(NamesThatAreNoSentence), "Late_gradient_is_answered_with_the_current_version");

    [Fact]
    public void Tests_stand_in_files_named_Tests() =>
        Findings.MustBeNone(
            TestFiles().Where(file => !file.Name.Split('.')[0].EndsWith("Tests", StringComparison.Ordinal)).Select(file => file.Finding(0, "holds tests")),
            "XTests for X.");

    [Fact]
    public void A_skipped_test_says_why() =>
        Findings.MustBeNone(
            TestFiles().SelectMany(file => file.FindingsPerLine(line => BareSkip().IsMatch(line) ? line.Trim() : null)),
            "Skip needs a reason.");

    private static IEnumerable<TextFile> TestFiles() =>
        Checkout.Files("tests", ".cs").Where(file => file.Lines.Any(line => TestAttribute().IsMatch(line)));

    private static IEnumerable<string> NamesThatAreNoSentence(TextFile file)
    {
        bool awaited = false;
        for (int i = 0; i < file.Lines.Count; i++)
        {
            awaited |= TestAttribute().IsMatch(file.Lines[i]);
            Match method = Method().Match(file.Lines[i]);
            if (awaited && method.Success)
            {
                awaited = false;
                if (!method.Groups["name"].Value.Contains('_', StringComparison.Ordinal))
                {
                    yield return file.Finding(i, method.Groups["name"].Value);
                }
            }
        }
    }

    [GeneratedRegex(@"^\s*\[(?:Skippable)?(?:Fact|Theory)\b")]
    private static partial Regex TestAttribute();

    [GeneratedRegex(@"^\s*public\s+(?:\w+\s+)*?(?:void|(?:async\s+)?(?:Task|ValueTask))\s+(?<name>\w+)\s*\(")]
    private static partial Regex Method();

    [GeneratedRegex(@"Skip\.If(?:Not)?\([^,()]*\)\s*;|Skip\s*=\s*""""")]
    private static partial Regex BareSkip();
}
