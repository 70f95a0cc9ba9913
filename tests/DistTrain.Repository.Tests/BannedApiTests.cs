namespace DistTrain.Repository.Tests;

/// <summary>The banned calls of docs/numerics.md stop the build, in every project whose results reach the weights.</summary>
public class BannedApiTests
{
    [Theory]
    [Trait("Category", "Long")]
    [InlineData("DistTrain.Tensors", "MathF.Exp(1f)", true)]
    [InlineData("DistTrain.Graph", "System.DateTime.UtcNow.Ticks", true)]
    [InlineData("DistTrain.Hosting", "System.DateTime.UtcNow.Ticks", false)]
    public void A_banned_call_is_a_build_error_where_it_is_banned(string project, string expression, bool banned)
    {
        // Inside the repository, so that its .editorconfig applies as it does to real code.
        string folder = Path.Combine(AppContext.BaseDirectory, "scratch", "banned", project);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "Directory.Build.props"), $"""<Project><Import Project="{Checkout.Root}/src/Directory.Build.props" /></Project>""");
        File.WriteAllText(Path.Combine(folder, project + ".csproj"), """<Project Sdk="Microsoft.NET.Sdk" />""");
        File.WriteAllText(
            Path.Combine(folder, "Snippet.cs"),
            $"namespace {project};\n\ninternal static class Snippet\n{{\n    public static double Value() => {expression};\n}}\n");

        FinishedCommand build = DotNet.Run(folder, new Dictionary<string, string?>(), "build", "--disable-build-servers", "-v", "q");

        Assert.True(banned == build.Output.Contains("error RS0030", StringComparison.Ordinal), build.Output);
        Assert.True(banned == (build.ExitCode != 0), build.Output);
    }

    [Theory]
    [InlineData("Tensors")]
    [InlineData("Graph")]
    [InlineData("Data")]
    [InlineData("Training")]
    [InlineData("Protocol")]
    [InlineData("Simulation")]
    public void The_numerics_list_covers(string project) =>
        Assert.Contains(project, Condition("<NumericsProject"), StringComparison.Ordinal);

    [Theory]
    [InlineData("Graph")]
    [InlineData("Protocol")]
    public void The_purity_list_covers(string project) =>
        Assert.Contains(project, Condition("<PureProject"), StringComparison.Ordinal);

    private static string Condition(string property) =>
        new TextFile("src/Directory.Build.props").Lines.Single(line => line.Contains(property, StringComparison.Ordinal));
}
