using System.CommandLine;
using System.CommandLine.Parsing;
using DistTrain.Training;

namespace DistTrain.Cli;

/// <summary>One line about the first mistake in the arguments, in the form of job errors: where, what was found, what is allowed.</summary>
internal static class ParseErrors
{
    private const string StandardInput = "-";

    public static string? FirstOf(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string place = PathOf(command);

        // A misspelt option is otherwise taken for the job file, and its value for one argument too many.
        IEnumerable<string> words = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
            .Select(token => token.Value).Concat(parsed.UnmatchedTokens);
        if (words.FirstOrDefault(word => word.StartsWith('-') && word != StandardInput) is { } unknown)
        {
            return Option(command, place, unknown);
        }

        if (parsed.Errors.Count == 0)
        {
            return null;
        }

        if (parsed.UnmatchedTokens.Count > 0)
        {
            return Word(command, place, parsed.UnmatchedTokens[0]);
        }

        ParseError error = parsed.Errors[0];
        return error.SymbolResult switch
        {
            OptionResult { Tokens.Count: 0 } option =>
                $"{place}: {option.Option.Name}: a value is missing; allowed: {option.Option.Name} {option.Option.HelpName ?? "VALUE"}",
            _ when command.Subcommands.Count > 0 => $"{place}: a command is missing; allowed: one of {Names(command)}",
            _ when command.Arguments.FirstOrDefault(argument => argument.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(argument) is not { Tokens.Count: > 0 }) is { } missing =>
                $"{place}: {missing.Name} is missing; '{place} --help' shows what it takes",
            _ => $"{place}: {error.Message.ReplaceLineEndings(" ").TrimEnd('.')}",
        };
    }

    private static string Option(Command command, string place, string found)
    {
        // Without their dashes, so that the names that other tools use (batch-size) are understood as in jobs.
        List<string> names = [.. command.Options.Where(option => !option.Hidden).Select(option => option.Name.TrimStart('-'))];
        string name = found.Split('=')[0];
        string advice = JobNames.Nearest(name, names) is { } nearest ? $"; did you mean \"--{nearest}\"?" : ";";
        return $"{place}: found the unknown option \"{name}\"{advice} allowed: {string.Join(", ", names.Select(each => "--" + each))}";
    }

    private static string Word(Command command, string place, string found)
    {
        if (command.Subcommands.Count == 0)
        {
            return $"{place}: found \"{found}\", which is one argument too many; '{place} --help' shows what it takes";
        }

        List<string> names = [.. command.Subcommands.Where(each => !each.Hidden).Select(each => each.Name)];
        return $"{place}: found the unknown command \"{found}\"{JobNames.DidYouMean(found, names)} allowed: one of {Names(command)}";
    }

    private static string Names(Command command) =>
        string.Join(", ", command.Subcommands.Where(each => !each.Hidden).Select(each => each.Name));

    private static string PathOf(Command command) => command is RootCommand
        ? "disttrain"
        : $"{PathOf(command.Parents.OfType<Command>().First())} {command.Name}";
}
