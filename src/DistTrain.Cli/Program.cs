Console.Error.WriteLine("disttrain: no command is built yet.");
return 1;
