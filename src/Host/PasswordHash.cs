using Rqlite.Pg.Access;

namespace Rqlite.Pg.Host;

/// <summary><c>rqlited -hash-password</c>: reads a password and prints what may stand for it in the credentials file.</summary>
internal static class PasswordHash
{
    /// <returns>The process's exit code.</returns>
    public static int Run()
    {
        var password = Console.IsInputRedirected ? Console.In.ReadLine() : Prompt();
        if (string.IsNullOrEmpty(password))
        {
            return Flags.Fail("-hash-password: no password on standard input");
        }

        try
        {
            Console.Out.WriteLine(ScramVerifier.Create(password).ToString());
            return 0;
        }
        catch (FormatException e)
        {
            return Flags.Fail($"-hash-password: {e.Message}");
        }
    }

    private static string Prompt()
    {
        Console.Error.Write("Password: ");
        var typed = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                typed.Length = Math.Max(0, typed.Length - 1);
            }
            else if (key.KeyChar != '\0')
            {
                typed.Append(key.KeyChar);
            }
        }

        Console.Error.WriteLine();
        return typed.ToString();
    }
}
