using DistTrain.Cli;

return await CommandLine.InvokeAsync(args, Terminal.OfProcess()).ConfigureAwait(false);
