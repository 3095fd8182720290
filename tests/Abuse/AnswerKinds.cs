namespace Rqlite.Pg.Abuse;

/// <summary>What an answer comes to; as a set, what a case allows.</summary>
[Flags]
internal enum AnswerKinds
{
    None = 0,

    /// <summary>Acknowledged.</summary>
    Done = 1,

    /// <summary>Ended by a time limit or cancelled: 57014.</summary>
    Time = 2,

    /// <summary>Ended by a limit of memory: 53200.</summary>
    Memory = 4,

    /// <summary>Beyond a limit of the program, such as a depth or the size of a value: 54xxx, 22xxx; HTTP 413.</summary>
    Limit = 8,

    /// <summary>Not allowed, not there or not understood: 42xxx, 0Axxx, 25006; HTTP 400 or 403.</summary>
    Denied = 16,

    /// <summary>Too much at once: 53300, 53400, 55P03; HTTP 503.</summary>
    Busy = 32,

    /// <summary>No room: 53100.</summary>
    Full = 64,

    /// <summary>An error of another kind that says what is wrong with the statement.</summary>
    Error = 128,

    /// <summary>The client has left and waits for no answer.</summary>
    Left = 256,

    /// <summary>XX000, an unknown outcome, a lost lead, HTTP 500 and above: never expected.</summary>
    Fault = 512,

    /// <summary>None in time, or the connection broke: never expected.</summary>
    Silence = 1024,

    /// <summary>Some limit of time or size, whichever is met first.</summary>
    Bound = Time | Memory | Limit,

    /// <summary>Anything that says no.</summary>
    No = Bound | Denied | Busy | Full | Error,
}
