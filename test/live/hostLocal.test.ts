import { createLocalTransport } from '../../src/host/localTransport';
import { transportContract } from './transportContract';
import { noQuestions } from './hostQuestions';

transportContract({ name: 'local, as root', open: () => createLocalTransport({ questions: noQuestions }), privilege: 'root' });
