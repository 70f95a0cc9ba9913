namespace DistTrain.Cli.Tests;

public class TerminalTests
{
    [Fact]
    public void A_program_started_from_the_repository_is_called_as_it_was_started()
    {
        string root = Path.Combine(Path.GetTempPath(), "disttrain");
        string built = Path.Combine(root, "src", "DistTrain.Cli", "bin", "Release", "net10.0") + Path.DirectorySeparatorChar;
        Assert.Equal("dotnet run -c Release --project src/DistTrain.Cli --", Terminal.NameOf(built, root));
        Assert.Equal("disttrain", Terminal.NameOf(built, Path.GetTempPath()));
    }
}
