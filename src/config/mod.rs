//! Configuration files of Amplify (Gen 1 and Gen 2) and the precedence among their settings.
