using System.Text.RegularExpressions;

namespace DistTrain.Repository.Tests;

/// <summary>What must not be left in the tree. Patterns are written so that they do not match this file.</summary>
public partial class LeftoverTests
{
    /// <summary>Texts that people see: code, scripts, documents, configuration.</summary>
    private static readonly string[] TextEndings =
        [".cs", ".csproj", ".props", ".targets", ".sln", ".md", ".yaml", ".yml", ".json", ".txt", ".conf", ".sh", ".ps1", ".html", "Dockerfile", ".ci/run", ".editorconfig"];

    [Fact]
    public void Nothing_waits_to_be_done() =>
        Findings.MustBeNone(
            Checkout.Sources().SelectMany(file => file.FindingsPerLine(line => Unfinished().IsMatch(line) ? line.Trim() : null)),
            "Finish it, or open an issue.");

    [Fact]
    public void Nobody_sleeps() =>
        Findings.MustBeNone(
            Checkout.Sources().SelectMany(file => file.FindingsPerLine(line =>
                Sleep().IsMatch(line) || (file.Path.StartsWith("tests/", StringComparison.Ordinal) && AwaitedDelay().IsMatch(line)) ? line.Trim() : null)),
            "Wait on a condition with a deadline.");

    [Fact]
    public void Random_numbers_in_tests_have_a_seed() =>
        Findings.MustBeNone(
            Checkout.Sources().SelectMany(file => file.FindingsPerLine(line => UnseededRandom().IsMatch(line) ? line.Trim() : null)),
            "A test that fails must fail again: new Random(seed).");

    [Fact]
    public void No_path_of_one_machine_is_written_down() =>
        Findings.MustBeNone(
            Checkout.Files("", TextEndings).SelectMany(file => file.FindingsPerLine(line => MachinePath().IsMatch(line) ? line.Trim() : null)),
            "Paths are relative, from the environment, or from the job.");

    [Fact]
    public void No_package_feed_is_written_down() =>
        Findings.MustBeNone(
            Checkout.Files("", TextEndings).SelectMany(file => file.FindingsPerLine(line => FeedHost().IsMatch(line) ? line.Trim() : null)),
            "Which feed is used is the machine's business (nuget.config, environment).");

    [Fact]
    public void A_suppressed_warning_says_why() =>
        Findings.MustBeNone(
            Checkout.Sources().SelectMany(file => file.FindingsPerLine(line =>
                line.TrimStart().StartsWith("#pragma warning disable", StringComparison.Ordinal) && !line.Contains("//", StringComparison.Ordinal) ? line.Trim() : null)),
            "A suppression has its reason beside it (// why).");

    [GeneratedRegex(@"\b(?:TO(?:)DO|FIX(?:)ME|HA(?:)CK|X(?:)XX)\b|NotImplemented(?:)Exception")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"\bThread\s*\.\s*Sleep\b")]
    private static partial Regex Sleep();

    [GeneratedRegex(@"\bawait\s+Task\s*\.\s*Delay\b(?!\(Timeout\.Infinite)")]
    private static partial Regex AwaitedDelay();

    [GeneratedRegex(@"\bnew\s+(?:System\.)?Random\(\s*\)|\bRandom\s*\.\s*Shared\b")]
    private static partial Regex UnseededRandom();

    [GeneratedRegex(@"(?<![\w.\-$}*])/(?:work|tmp|root|home|Users|mnt|media)/|[A-Za-z]:\\(?:Users|work|src|temp)\\", RegexOptions.IgnoreCase)]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"//[\w.\-]*(?:nuget\.org|pkgs\.dev\.azure|nuget\.pkg\.github|pypi\.org|artifactory|jfrog)|/v3/index(?:)\.json", RegexOptions.IgnoreCase)]
    private static partial Regex FeedHost();
}
